using System.Net;
using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Tests.Engines;
using Dispatch.Runtimes.Tests.Suite;
using global::Docker.DotNet;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Dispatch.Runtimes.Tests.Podman;

[Collection(PodmanCollection.Name)]
public sealed class PodmanRecoveryTests(PodmanEngine engine) : EngineRecoveryTests(engine.Service)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    /// <summary>Its wait looks every quarter of a second: a container that is gone by then has taken its code along.</summary>
    private protected override bool TellsCodeOfRemoved => false;

    private protected override string? Network => "none";

    [Fact, Trait("case", "G34")]
    public async Task G34_a_removal_that_shows_only_after_the_kill_is_told()
    {
        var (exit, _) = await KilledAsync(async id =>
        {
            await Daemon.Api.RemoveContainerAsync(id);
            Assert.Null(await Daemon.Api.InspectContainerAsync(id));
        });

        Assert.Equal((137, (int?)null, true), (exit.Code, exit.Signal, exit.RemovedFromOutside));
    }

    [Fact, Trait("case", "G34")]
    public async Task G34_a_kill_that_no_removal_follows_is_told_as_a_kill()
    {
        var (exit, since) = await KilledAsync(_ => Task.CompletedTask);

        Assert.Equal((137, (int?)null, false), (exit.Code, exit.Signal, exit.RemovedFromOutside));
        Assert.InRange(exit.ToldAfter, PodmanDialect.Instance.RemovalShowsWithin, since);
    }

    [Fact]
    public async Task A_container_whose_watcher_died_is_stopped_told_as_gone_and_removed()
    {
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = Daemon.Endpoint, EndToldWithin = TimeSpan.FromSeconds(2) });
        var sink = new RecordingSink();
        var id = await runtime.CreateAsync(Shell("trap 'exit 3' TERM; echo up; sleep 300 & wait"), Cancel);
        var started = await runtime.StartAsync(id, sink, Cancel);
        await UntilAsync(() => sink.StdoutText == "up\n");
        var watcher = ProcessTable.All().Single(process => process.Pid == started.ProcessId).Parent;
        Assert.Contains("conmon", await File.ReadAllTextAsync($"/proc/{watcher}/comm", Cancel), StringComparison.Ordinal);
        System.Diagnostics.Process.GetProcessById(watcher).Kill();

        await runtime.StopAsync(id, TimeSpan.FromSeconds(1), Cancel);

        var gone = await Assert.ThrowsAsync<RuntimeException>(() => runtime.WaitAsync(id, Cancel));
        Assert.Equal((ErrorCode.WorkerLost, true), (gone.Code, gone.ContainerGone));
        Assert.DoesNotContain(ProcessTable.All(), process => process.Pid == started.ProcessId);
        await runtime.RemoveAsync(id, Cancel);
        Assert.Null(await runtime.InspectAsync(id, Cancel));
    }

    [Fact]
    public async Task A_container_that_ends_while_it_is_looked_at_is_looked_at_again_a_few_times()
    {
        using var connection = new EngineConnection(new DockerRuntimeOptions { Endpoint = Daemon.Endpoint }.FindEndpoint(), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));
        var ended = new DockerApiException(HttpStatusCode.InternalServerError, """{"message":"read /proc/1/cgroup: no such process"}""");
        var looks = 0;

        Assert.Equal("exited", await connection.FindAsync("look", _ => ++looks < 3 ? throw ended : Task.FromResult("exited"), Cancel));
        Assert.Equal(3, looks);

        looks = 0;
        var error = await Assert.ThrowsAsync<RuntimeException>(() => connection.FindAsync("look", Ended, Cancel));
        Assert.Equal((ErrorCode.RuntimeUnavailable, 5), (error.Code, looks));

        Task<string> Ended(CancellationToken _)
        {
            looks++;
            throw ended;
        }
    }

    /// <summary>Kills a container from outside; does something once its end was looked at, before any time passes for the runtime.</summary>
    private async Task<(ContainerExit Exit, TimeSpan Since)> KilledAsync(Func<string, Task> whenLookedAt)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var noting = new NotingLogger();
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = Daemon.Endpoint }, time, noting);
        var id = await runtime.CreateAsync(Shell("sleep 300"), Cancel);
        await runtime.StartAsync(id, new RecordingSink(), Cancel);
        var waiting = runtime.WaitAsync(id, Cancel);

        var began = time.GetTimestamp();
        await Daemon.Api.SendAsync(HttpMethod.Post, $"containers/{id}/kill?signal=KILL");
        await UntilAsync(() => noting.LooksAgain || Passes(time));
        await whenLookedAt(id);
        await UntilAsync(() => waiting.IsCompleted || Passes(time));
        return (await waiting, time.GetElapsedTime(began));
    }

    private static bool Passes(FakeTimeProvider time)
    {
        time.Advance(Step);
        return false;
    }

    /// <summary>Notes that an end is looked at again.</summary>
    private sealed class NotingLogger : ILogger<DockerRuntime>
    {
        private const int LooksAgainId = 2113;
        private volatile bool _looksAgain;

        public bool LooksAgain => _looksAgain;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _looksAgain |= eventId.Id == LooksAgainId;
    }
}
