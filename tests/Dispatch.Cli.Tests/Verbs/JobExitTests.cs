using Dispatch.Cli.Verbs;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Tests.Verbs;

public sealed class JobExitTests
{
    [Theory]
    [InlineData(null, 0, 0)]
    [InlineData(null, 7, 7)]
    [InlineData(ErrorCode.NonZeroExit, 143, 143)]
    [InlineData(ErrorCode.OutOfMemory, 137, 137)]
    [InlineData(ErrorCode.Cancelled, 0, 125)]
    [InlineData(ErrorCode.ExecutionTimeout, 143, 143)]
    [InlineData(ErrorCode.QueueTimeout, null, 125)]
    [InlineData(null, null, 125)]
    public void A_job_that_did_not_end_well_never_gives_0(ErrorCode? error, int? code, int expected) => Assert.Equal(expected, JobExit.CodeOf(new JobView
    {
        Id = new("j"),
        Conversation = new("c"),
        RunId = "r",
        State = JobState.Closed,
        Pool = "default",
        QueuedAt = DateTimeOffset.UnixEpoch,
        Error = error,
        ExitCode = code,
    }));
}
