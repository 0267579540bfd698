using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;

namespace Dispatch.Cli.Verbs;

/// <summary>Tells people where the output of another attempt begins: the streams themselves have no mark, so that programs get the job's bytes alone.</summary>
/// <param name="job">The job that is followed.</param>
/// <param name="note">Tells.</param>
internal sealed class AttemptNote(JobId job, Action<string> note)
{
    private int? current;

    /// <summary>To be called for each piece, before its bytes are written.</summary>
    public void Saw(LogEvent piece)
    {
        if (current is { } before && before != piece.Attempt)
            note($"dispatch: what follows is of attempt {piece.Attempt} of {job}, what came before of attempt {before}");
        current = piece.Attempt;
    }
}
