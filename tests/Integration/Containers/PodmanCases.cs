using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Stack;
using Dispatch.Integration.Tests.Workers;

namespace Dispatch.Integration.Tests.Containers;

/// <summary>Podman, found by the worker itself at its user's socket.</summary>
[Collection(PodmanCollection.Name)]
public sealed class PodmanCases(PodmanFixture fixture) : WorkerTests(fixture.Stack)
{
    private static readonly string[] Podman = ["--runtimes", "podman,process", "--slots", "4", "--cpu", "8", "--memory", "8Gi"];

    [Fact]
    public async Task The_worker_says_which_engine_it_found_and_runs_containers_on_it()
    {
        var worker = await StartPodmanAsync("p1");
        var ended = await Jobs.RunAsync("""{"image":"bb:local","network":"none","env":{"WHO":"you"},"command":["sh","-c","echo hello $WHO; exit 3"]}""");
        var silent = await Jobs.RunAsync("""{"image":"no-such-image:1","pullPolicy":"never"}""");
        var hungry = await Jobs.RunAsync("""{"image":"bb:local","network":"none","command":["sh","-c","exec tail /dev/zero"],"resources":{"memory":"64Mi"}}""");

        Assert.Contains("Podman 4", worker.Out, StringComparison.Ordinal);
        Assert.Contains(fixture.Socket, worker.Out, StringComparison.Ordinal);
        Assert.Equal((3, "hello you\n"), (ended.ExitCode!.Value, await Jobs.OutAsync(ended.Id)));
        Assert.Equal((TerminationReason.ImageError, ErrorCode.ImageNotFound), (silent.Reason!.Value, silent.Error!.Value));
        Assert.Equal((TerminationReason.OutOfMemory, true), (hungry.Reason!.Value, hungry.Report!.Outcome.OutOfMemory));
        Assert.Contains("podman", Assert.Single(await Jobs.WorkersAsync(), one => one.Id.Value == "p1").Runtimes);
        Assert.Empty(await fixture.Service.Api.ContainerIdsAsync());
    }

    [Fact]
    [Trait("case", "G32")]
    public async Task A_killed_worker_comes_back_to_the_same_container_and_a_log_without_a_gap()
    {
        var worker = await StartPodmanAsync("p32");
        var job = await Jobs.SubmitAsync(
            """{"image":"bb:local","network":"none","worker":"p32","command":["sh","-c","trap 'end=1' TERM; i=0; while [ -z \"$end\" ]; do i=$((i+1)); echo $i; usleep 50000; done; exit 7"]}""", "P32");
        await Jobs.UntilOutAsync(job, "\n15\n");
        var before = Assert.Single(await fixture.Service.Api.ContainerIdsAsync());

        await worker.CrashAsync();
        await StartPodmanAsync("p32");
        await Jobs.UntilOutAsync(job, "\n40\n");
        Assert.Equal(before, Assert.Single(await fixture.Service.Api.ContainerIdsAsync()));
        await Jobs.StopAsync(job);

        var view = await Jobs.EndAsync(job);
        var output = await Jobs.OutAsync(job);
        Assert.Equal((7, 1), (view.Report!.Outcome.Code!.Value, view.Report.AttemptsUsed));
        Assert.Equal(string.Concat(Enumerable.Range(1, output.Count(character => character == '\n')).Select(line => $"{line}\n")), output);
        Assert.DoesNotContain((await Jobs.OperationsAsync(job)).Operations, operation => operation.Kind == OperationKind.WorkerExited);
    }

    [Fact]
    [Trait("case", "G34")]
    public async Task A_container_that_somebody_else_removes_is_told_as_removed()
    {
        await StartPodmanAsync("p34");
        var job = await Jobs.SubmitAsync("""{"image":"bb:local","network":"none","command":["sh","-c","echo up; sleep 300"],"worker":"p34","retry":{"workerLost":{"max":0}}}""", "P34");
        await Jobs.UntilOutAsync(job, "up\n");
        await fixture.Service.Api.RemoveContainerAsync(Assert.Single(await fixture.Service.Api.ContainerIdsAsync()));

        var view = await Jobs.EndAsync(job);

        Assert.NotEqual(0, view.ExitCode);
        Assert.Contains("removed from outside", view.Message, StringComparison.Ordinal);
        Assert.Equal("up\n", await Jobs.OutAsync(job));
    }

    [Fact]
    public async Task A_worker_that_is_to_have_Docker_and_finds_Podman_says_so()
    {
        var worker = Begin("p-wrong", ["--runtimes", "docker", "--docker", fixture.Service.Endpoint.OriginalString]);
        var ended = await worker.EndAsync(Deadlines.Role);

        ended.Refused(2, "docker", "Podman 4", fixture.Service.Endpoint.OriginalString);
    }

    private async Task<RunningProcess> StartPodmanAsync(string id)
    {
        var worker = Begin(id, Podman, fixture.Environment);
        await Stack.UntilReadyAsync(id, worker);
        return worker;
    }
}
