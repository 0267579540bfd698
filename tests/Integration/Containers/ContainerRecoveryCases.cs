using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Operations;
using Dispatch.Integration.Tests.Acceptance;
using Dispatch.Integration.Tests.Stack;
using Dispatch.Integration.Tests.Workers;

namespace Dispatch.Integration.Tests.Containers;

/// <summary>Containers under a worker that is killed, comes back, or has a neighbour.</summary>
[Collection(DockerCollection.Name)]
public sealed class ContainerRecoveryCases(DockerFixture fixture) : WorkerTests(fixture.Bare)
{
    private string[] Docker => ["--runtimes", "docker,process", "--docker", fixture.Daemon.Endpoint.OriginalString, "--slots", "4", "--cpu", "8", "--memory", "8Gi"];

    [Fact]
    [Trait("case", "G32")]
    public async Task A_killed_worker_comes_back_to_the_same_container_and_a_log_without_a_gap()
    {
        var worker = await StartDockerAsync("d32");
        var job = await Jobs.SubmitAsync("""{"image":"bb:local","command":["sh","-c","i=1; while [ $i -le 60 ]; do echo $i; i=$((i+1)); usleep 200000; done; exit 7"]}""", "D32");
        await Jobs.UntilOutAsync(job, "\n15\n");

        await worker.CrashAsync();
        await StartDockerAsync("d32");

        var view = await Jobs.EndAsync(job);
        Assert.Equal((7, 1), (view.ExitCode!.Value, view.Report!.AttemptsUsed));
        Assert.Equal(string.Concat(Enumerable.Range(1, 60).Select(line => $"{line}\n")), await Jobs.OutAsync(job));
        Assert.DoesNotContain((await Jobs.OperationsAsync(job)).Operations, operation => operation.Kind == OperationKind.WorkerExited);
        await OneContainerAsync("D32");
    }

    [Fact]
    [Trait("case", "G33")]
    public async Task A_container_that_ended_while_its_worker_was_down_has_its_own_code_and_its_own_end()
    {
        var worker = await StartDockerAsync("d33");
        var started = await RunningAsync("""{"image":"bb:local","command":["sh","-c","echo a; sleep 3; echo b; exit 7"]}""", "D33");

        await worker.CrashAsync();
        await Until.HoldsAsync("the container has died", async () => (await ContainerEvents.OfJobAsync(fixture.Daemon.Api, "D33")).Any(one => one.Action == "die"), Deadlines.Job);
        var down = DateTimeOffset.UtcNow;
        await StartDockerAsync("d33");

        var view = await Jobs.EndAsync(started.Id);
        Assert.Equal((7, 1, "a\nb\n"), (view.ExitCode!.Value, view.Report!.AttemptsUsed, await Jobs.OutAsync(started.Id)));
        Assert.True(view.EndedAt <= down, $"ended {view.EndedAt:O}, the worker was started again after {down:O}");
        await OneContainerAsync("D33");
    }

    [Fact]
    [Trait("case", "G36")]
    public async Task The_run_deadline_counts_from_the_containers_start_also_after_a_restart_of_the_worker()
    {
        var worker = await StartDockerAsync("d36");
        var started = await RunningAsync("""{"image":"bb:local","command":["sh","-c","exec sleep 300"],"timeouts":{"run":"20s","stopGrace":"1s"}}""", "D36");

        await worker.CrashAsync();
        await StartDockerAsync("d36");

        var view = await Jobs.EndAsync(started.Id);
        Assert.Equal((Contracts.Runs.TerminationReason.ExecutionTimeout, 1), (view.Reason!.Value, view.Report!.AttemptsUsed));
        var events = await OneContainerAsync("D36");
        var ran = TimeSpan.FromTicks((events.First(one => one.Action == "die").Time - events.First(one => one.Action == "start").Time) / 100);
        Assert.InRange(ran.TotalSeconds, 19.5, 22 + Deadlines.Slack.TotalSeconds);
    }

    [Fact]
    [Trait("case", "G37")]
    public async Task The_orphan_sweep_of_one_worker_leaves_the_others_containers_alone()
    {
        await StartDockerAsync("d37-1");
        var jobs = await Task.WhenAll(Enumerable.Range(0, 3).Select(index => Jobs.SubmitAsync("""{"image":"bb:local","command":["sh","-c","sleep 30; exit 3"],"worker":"d37-1"}""", $"D37-{index}")));
        foreach (var job in jobs)
            await Jobs.UntilAsync(job, view => view.StartedAt is not null);
        using var foreign = new StringContent("""{"Image":"bb:local","Cmd":["sh","-c","sleep 300"],"Labels":{"dispatch.job":"foreign"},"HostConfig":{"NetworkMode":"none"}}""", System.Text.Encoding.UTF8, "application/json");
        var created = await fixture.Daemon.Api.SendAsync(HttpMethod.Post, "containers/create?name=c-foreign", foreign);
        Assert.True((int)created.Status == 201, created.Body);
        await fixture.Daemon.Api.SendAsync(HttpMethod.Post, "containers/c-foreign/start");

        var second = await StartDockerAsync("d37-2");
        await second.CrashAsync();
        await StartDockerAsync("d37-2");

        foreach (var job in jobs)
        {
            var view = await Jobs.EndAsync(job);
            Assert.Equal((3, 1), (view.ExitCode!.Value, view.Report!.AttemptsUsed));
            Assert.True(view.Report.Timings.RunSeconds >= 29.5, $"{view.Report.Timings.RunSeconds}");
            await OneContainerAsync(job.Value);
        }

        var left = (await fixture.Daemon.Api.InspectContainerAsync("c-foreign"))!.Value;
        Assert.True(left.GetProperty("State").GetProperty("Running").GetBoolean());
        await fixture.Daemon.Api.RemoveContainerAsync("c-foreign");
    }

    [Fact]
    [Trait("case", "G55")]
    public async Task Terminated_and_started_again_with_the_same_id_never_means_two_containers()
    {
        await StartDockerAsync("d55");
        var client = await Stack.ConnectAsync();
        var spec = TemporalClientTests.Spec("""{"image":"bb:local","command":["sh","-c","trap 'sleep 4; exit 0' TERM; echo up; while :; do sleep 0.2; done"],"timeouts":{"stopGrace":"8s","run":"120s"}}""");
        var job = new JobId("D55");
        var first = await client.StartWorkflowAsync(JobNames.Workflow, [spec], TemporalClientTests.Options(job.Value));
        await Jobs.UntilOutAsync(job, "up\n");

        await first.TerminateAsync("the test wants it");
        var terminated = await Jobs.GetAsync(job);
        Assert.Equal((JobState.Closed, "WorkflowExecutionTerminated"), (terminated.State, terminated.ClosedBy));
        Assert.Equal("up\n", await Jobs.OutAsync(job));
        await client.StartWorkflowAsync(JobNames.Workflow, [spec], TemporalClientTests.Options(job.Value));

        // The second waits for the old lease, and says so.
        var waiting = await Jobs.UntilAsync(job, view => view.State == JobState.Queued && view.Message is { Length: > 0 });
        Assert.Contains("lease", (await Jobs.WhyAsync(job)).Summary + waiting.Message, StringComparison.OrdinalIgnoreCase);
        await Jobs.UntilOutAsync(job, "up\n");
        var events = (await ContainerEvents.OfJobAsync(fixture.Daemon.Api, job.Value)).Where(one => one.Action is "start" or "die").ToList();
        Assert.Equal(["start", "die", "start"], events.Select(one => one.Action));
        Assert.Equal(events[0].Container, events[1].Container);
        Assert.NotEqual(events[0].Container, events[2].Container);
        await Jobs.StopAsync(job);
        await Jobs.EndAsync(job);
    }

    private async Task<RunningProcess> StartDockerAsync(string id) => await StartAsync(id, Docker);

    private async Task<IReadOnlyList<(string Action, string Container, long Time)>> OneContainerAsync(string job)
    {
        var events = await ContainerEvents.OfJobAsync(fixture.Daemon.Api, job);
        Assert.Single(events.Select(one => one.Container).Distinct());
        Assert.Equal(["create", "start", "die"], events.Select(one => one.Action).Where(action => action is "create" or "start" or "die"));
        return events;
    }
}
