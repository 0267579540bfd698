using Dispatch.Integration.Tests.Stack;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Integration.Tests.Roles;

/// <summary>One server, which is restarted while people look at their jobs.</summary>
[Collection(RolesCollection.Name)]
public sealed class RestartedServerTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(RunningProcess.Sigkill)]
    [InlineData(RunningProcess.Sigterm)]
    public async Task Whoever_runs_or_follows_a_job_goes_on_when_the_only_server_is_back(int signal)
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        await stack.StartWorkflowsAsync();
        var server = await stack.StartServerAsync("one");
        await stack.StartWorkerAsync("ada");
        var (speak, end) = (Path.Combine(stack.Folder, "speak"), Path.Combine(stack.Folder, "end"));
        var run = stack.Start("run", "--id", "restarted", "--process", "--", "sh", "-c", $"echo begun; until [ -e {speak} ]; do sleep 0.1; done; echo meanwhile; until [ -e {end} ]; do sleep 0.1; done; echo over; exit 7");
        await run.UntilOutAsync("begun\n", Deadlines.Job);
        var follower = stack.Start("logs", "-f", "restarted");
        await follower.UntilOutAsync("begun\n", Deadlines.Job);

        server.Signal(signal);
        await server.EndAsync(Deadlines.Role);
        await run.UntilErrorAsync("restarted goes on");
        await follower.UntilErrorAsync("restarted goes on");
        await File.WriteAllTextAsync(speak, "");
        await stack.StartServerAsync("one");
        await run.UntilOutAsync("meanwhile\n", Deadlines.Job);
        await File.WriteAllTextAsync(end, "");

        var ended = await run.EndAsync(Deadlines.Job);
        Assert.Equal((7, "begun\nmeanwhile\nover\n"), (ended.ExitCode, ended.Out));
        Assert.Single(ended.Error.TrimEnd().Split('\n'));
        Assert.Equal("begun\nmeanwhile\nover\n", (await follower.EndAsync(Deadlines.Job)).Ok());
        await stack.NothingLeftAsync(stack.Jobs("one"));
    }

    [Fact]
    public async Task Who_follows_a_job_that_ends_while_the_only_server_is_down_gets_what_its_worker_ships_afterwards()
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        await stack.StartWorkflowsAsync();
        var server = await stack.StartServerAsync("one");
        await stack.StartWorkerAsync("ada");
        var end = Path.Combine(stack.Folder, "end");
        var run = stack.Start("run", "--id", "unseen", "--process", "--", "sh", "-c", $"echo begun; until [ -e {end} ]; do sleep 0.1; done; echo over; exit 7");
        await run.UntilOutAsync("begun\n", Deadlines.Job);
        var follower = stack.Start("logs", "-f", "unseen");
        await follower.UntilOutAsync("begun\n", Deadlines.Job);

        await server.CrashAsync();
        await run.UntilErrorAsync("unseen goes on");
        await follower.UntilErrorAsync("unseen goes on");
        await File.WriteAllTextAsync(end, "");
        var temporal = await stack.ConnectAsync();
        await Until.HoldsAsync("the job is closed", async () => (await temporal.GetWorkflowHandle("unseen").DescribeAsync()).Status != WorkflowExecutionStatus.Running, Deadlines.Job);
        await stack.StartServerAsync("one");

        var ended = await run.EndAsync(Deadlines.Job);
        Assert.Equal((7, "begun\nover\n"), (ended.ExitCode, ended.Out));
        Assert.Equal("begun\nover\n", (await follower.EndAsync(Deadlines.Job)).Ok());
        await stack.NothingLeftAsync(stack.Jobs("one"));
    }
}
