using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Verbs;

/// <summary>The exit code that a closed job hands on.</summary>
internal static class JobExit
{
    /// <summary>The job's own code; never 0 for a job that did not end well.</summary>
    public static int CodeOf(JobView view) => (view.Error, view.ExitCode) switch
    {
        (null, { } code) => code,
        (ErrorCode.NonZeroExit or ErrorCode.OutOfMemory, { } code) => code,
        (_, { } code) when code != 0 => code,
        _ => ExitCodes.NoCode,
    };
}
