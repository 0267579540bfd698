using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Cases;

/// <summary>What surrounds a plain process: signals, standard input.</summary>
[Collection(CaseCollection.Name)]
public sealed class ProcessCases(DevFixture fixture) : StackTests(fixture.Stack)
{
    [Fact]
    [Trait("case", "G17")]
    public async Task Pipelines_inside_a_job_work_SIGPIPE_is_back_at_its_default()
    {
        var piped = await Jobs.RunAsync("""{"process":["bash","-c","yes | head -n 1; echo ${PIPESTATUS[0]}"]}""");
        var status = await Jobs.RunAsync("""{"process":["sh","-c","grep -E 'SigIgn|SigBlk' /proc/self/status"]}""");

        Assert.Equal(0, piped.ExitCode);
        Assert.Equal(("y\n141\n", ""), (await Jobs.OutAsync(piped.Id), await Jobs.ErrorAsync(piped.Id)));
        Assert.Equal("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", await Jobs.OutAsync(status.Id));
    }

    [Fact]
    [Trait("case", "G19")]
    public async Task No_stdin_means_end_of_file_at_once_and_a_given_one_is_closed_after_its_last_byte()
    {
        var (none, given) = (await Jobs.RunAsync("""{"process":["cat"]}"""), await Jobs.RunAsync("""{"process":["wc","-l"],"stdin":"line1\nline2\n"}"""));

        Assert.Equal((TerminationReason.WorkloadExited, 0), (none.Reason!.Value, none.ExitCode!.Value));
        Assert.InRange(none.Report!.Timings.RunSeconds!.Value, 0, 2 + Deadlines.Slack.TotalSeconds);
        Assert.Empty(await Jobs.StdoutAsync(none.Id));
        Assert.Equal((0, "2\n"), (given.ExitCode!.Value, await Jobs.OutAsync(given.Id)));
    }
}
