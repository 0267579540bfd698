using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;
using Temporalio.Client;

namespace Dispatch.Server.Logs;

/// <summary>A job whose output is read.</summary>
internal sealed record FollowedJob(JobId Job, WorkflowHandle Handle, WorkflowExecutionDescription Found);

/// <summary>What a reader of a job's output is given next.</summary>
internal abstract record Followed
{
    private Followed()
    {
    }

    /// <summary>A piece of output and the position after it.</summary>
    internal sealed record Output(LogPosition After, LogPiece Piece) : Followed;

    /// <summary>The rest of an attempt's output did not come.</summary>
    /// <param name="Attempt">The attempt.</param>
    /// <param name="Text">What is missing, for people.</param>
    internal sealed record Missing(int Attempt, string Text) : Followed;
}
