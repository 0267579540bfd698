using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Engines;

public abstract class EngineRecoveryTests(TestEngine engine) : EngineTests(engine)
{
    private const string Sixty = "i=1; while [ $i -le 60 ]; do echo $i; echo e$i >&2; i=$((i+1)); usleep 30000; done; exit 7";
    private static readonly string SixtyLines = string.Concat(Enumerable.Range(1, 60).Select(line => $"{line}\n"));
    private static readonly string SixtyErrors = string.Concat(Enumerable.Range(1, 60).Select(line => $"e{line}\n"));

    /// <summary>
    /// Whether the engine always tells the code of a container that was removed while it was waited for, and that it is being removed; else it may be
    /// reported as gone instead, or as killed where its removal takes long.
    /// </summary>
    private protected virtual bool TellsCodeOfRemoved => true;

    [Fact, Trait("case", "G34")]
    public async Task G34_a_container_removed_by_somebody_else_ends_with_the_engines_code()
    {
        var sink = new RecordingSink();
        var (id, _) = await StartAsync(Shell("echo up; sleep 300"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        await Daemon.Api.RemoveContainerAsync(id);
        if (await EndOfRemovedAsync(id) is { } exit)
            Assert.Equal((137, (int?)null, true), (exit.Code, exit.Signal, exit.RemovedFromOutside || !TellsCodeOfRemoved));
        Assert.Equal("up\n", sink.StdoutText);
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact, Trait("case", "G34")]
    public async Task G34_one_killed_and_then_removed_by_somebody_else_is_no_success_either()
    {
        var sink = new RecordingSink();
        var (id, _) = await StartAsync(Shell("echo up; sleep 300"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        await Daemon.Api.SendAsync(HttpMethod.Post, $"containers/{id}/stop?t=0");
        await Daemon.Api.RemoveContainerAsync(id);
        if (await EndOfRemovedAsync(id) is { } exit)
        {
            // Both signals were sent at once; either may have been the one.
            Assert.Contains(exit.Code, new[] { 137, 143 });
            Assert.Null(exit.Signal);
        }

        Assert.Equal("up\n", sink.StdoutText);
    }

    [Fact, Trait("case", "G34")]
    public async Task G34_one_that_was_gone_before_anybody_asked_is_reported_as_gone()
    {
        var sink = new RecordingSink();
        string id;
        await using (var first = NewRuntime())
        {
            id = await first.CreateAsync(Shell("echo up; sleep 300"), Cancel);
            await first.StartAsync(id, sink, Cancel);
        }

        await Daemon.Api.RemoveContainerAsync(id);
        var error = await Assert.ThrowsAsync<RuntimeException>(() => Runtime.AdoptAsync(id, sink, Cancel));

        Assert.True(error.ContainerGone);
        Assert.Contains("removed from outside", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_was_never_started_cannot_be_adopted()
    {
        var sink = new RecordingSink();
        var id = await Runtime.CreateAsync(Shell("true"), Cancel);

        Assert.Equal(ErrorCode.StartFailed, (await Assert.ThrowsAsync<RuntimeException>(() => Runtime.AdoptAsync(id, sink, Cancel))).Code);
    }

    [Fact, Trait("case", "G37")]
    public async Task G37_only_containers_of_the_own_data_directory_are_listed()
    {
        var sink = new RecordingSink();
        var (mine, _) = await StartAsync(Shell("sleep 300"), sink);
        var ended = await Runtime.CreateAsync(Shell("exit 3"), Cancel);
        await Runtime.StartAsync(ended, sink, Cancel);
        await Runtime.WaitAsync(ended, Cancel);
        var other = Shell("sleep 300");
        await Runtime.CreateAsync(other with { Labels = new Dictionary<string, string> { [ContainerLabels.Job] = other.Name, [ContainerLabels.DataDirectory] = "data-10" } }, Cancel);
        await Runtime.CreateAsync(Shell("true") with { Labels = new Dictionary<string, string> { [ContainerLabels.Job] = "foreign" } }, Cancel);

        var listed = (await Runtime.ListAsync("data-1", Cancel)).ToDictionary(state => state.ContainerId);

        Assert.Equal(new[] { mine, ended }.Order(), listed.Keys.Order());
        Assert.Equal((ContainerPhase.Running, null), (listed[mine].Phase, listed[mine].Exit));
        Assert.NotNull(listed[mine].ProcessId);
        Assert.Equal((ContainerPhase.Exited, 3), (listed[ended].Phase, listed[ended].Exit!.Code));
    }

    [Theory]
    [InlineData("/attach")]
    [InlineData("/wait")]
    [InlineData("")]
    public async Task Connections_cut_in_the_middle_lose_and_double_nothing(string which)
    {
        await using var proxy = new SocketProxy(Daemon.SocketPath);
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = proxy.Endpoint });
        var sink = new RecordingSink();
        var id = await runtime.CreateAsync(Shell(Sixty), Cancel);
        await runtime.StartAsync(id, sink, Cancel);
        await UntilAsync(() => sink.StdoutText.Contains("20\n", StringComparison.Ordinal));
        Assert.NotEqual(0, proxy.Cut(which));
        await UntilAsync(() => sink.StdoutText.Contains("40\n", StringComparison.Ordinal));
        proxy.Cut("/logs");
        var exit = await runtime.WaitAsync(id, Cancel);

        Assert.Equal(7, exit.Code);
        Assert.Equal(SixtyLines, sink.StdoutText);
        Assert.Equal(SixtyErrors, sink.StderrText);
    }

    [Fact]
    public async Task An_attachment_that_the_engine_forgets_does_not_outlive_the_container()
    {
        await using var proxy = new SocketProxy(Daemon.SocketPath);
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = proxy.Endpoint });
        var sink = new RecordingSink();
        var id = await runtime.CreateAsync(Shell(Sixty), Cancel);
        await runtime.StartAsync(id, sink, Cancel);
        await UntilAsync(() => sink.StdoutText.Contains("20\n", StringComparison.Ordinal));
        Assert.Equal(1, proxy.Stall("/attach"));

        var exit = await runtime.WaitAsync(id, Cancel);

        Assert.Equal(7, exit.Code);
        Assert.Equal(SixtyLines, sink.StdoutText);
        Assert.Equal(SixtyErrors, sink.StderrText);
    }

    [Fact]
    public async Task A_sink_that_fails_for_a_while_gets_everything_in_the_end()
    {
        var sink = new RecordingSink();
        var failures = 0;
        sink.BeforeAppend = _ => sink.Stdout.Length > 20 && Interlocked.Increment(ref failures) <= 3 ? throw new IOException("disk full") : Task.CompletedTask;
        var (id, _) = await StartAsync(Shell(Sixty), sink);

        Assert.Equal(7, (await Runtime.WaitAsync(id, Cancel)).Code);
        Assert.Equal(4, Math.Min(failures, 4));
        Assert.Equal(SixtyLines, sink.StdoutText);
        Assert.Equal(SixtyErrors, sink.StderrText);
    }

    [Fact]
    public async Task A_sink_that_never_takes_anything_fails_the_wait_instead_of_losing_output_silently()
    {
        var sink = new RecordingSink { BeforeAppend = _ => throw new IOException("disk full") };
        var (id, _) = await StartAsync(Shell("echo x"), sink);

        var error = await Assert.ThrowsAsync<RuntimeException>(() => Runtime.WaitAsync(id, Cancel));

        Assert.Equal(ErrorCode.InternalError, error.Code);
        Assert.Contains("disk full", error.Message, StringComparison.Ordinal);
    }

    private async Task<ContainerExit?> EndOfRemovedAsync(string id)
    {
        try
        {
            return await Runtime.WaitAsync(id, Cancel);
        }
        catch (RuntimeException error) when (error.ContainerGone && !TellsCodeOfRemoved)
        {
            return null;
        }
    }
}
