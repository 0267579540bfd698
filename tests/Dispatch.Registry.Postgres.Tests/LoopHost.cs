using System.Collections.Immutable;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Placement;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>All loops of a workflow host on a database, as the executable runs them, with what they log; and workers that renew for as long as they are told to.</summary>
internal sealed class LoopHost : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromMilliseconds(300);

    private readonly IHost host;
    private readonly LinesOfLog log;
    private readonly Dictionary<string, (CancellationTokenSource Ending, Task Loop)> renewing = [];

    private long call;

    private LoopHost(IHost host, LinesOfLog log) => (this.host, this.log) = (host, log);

    public static PoolSet Pools { get; } = new([new PoolOptions { Profile = TimeProfile.Fast with { Lease = TimeSpan.FromSeconds(2) }, Admission = new Admission { AllowProcess = true } }]);

    public IRegistry Registry => host.Services.GetRequiredService<IRegistry>();

    public IReadOnlyList<string> Lines => log.Lines;

    /// <summary>Whether a loop has ended, and its process would.</summary>
    public bool Ended => host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;

    public static async Task<LoopHost> StartAsync(string database, IRunStatus? runs = null)
    {
        var log = new LinesOfLog();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(log);
        builder.Services.AddPostgresRegistry(DatabaseAddress.Parse(database), Pools.All);
        builder.Services.AddDispatchPlacement(new PlacementOptions { QueuePoll = TimeSpan.FromMilliseconds(200), SweepEvery = TimeSpan.FromMilliseconds(500), SweepAge = runs is null ? TimeSpan.FromMinutes(1) : TimeSpan.Zero });
        builder.Services.AddSingleton<INudge, NoNudges>();
        builder.Services.AddSingleton(runs ?? new OpenRuns());
        var host = builder.Build();
        await host.Services.GetRequiredService<PostgresRegistry>().Entered.WaitAsync(Deadline);
        await host.StartAsync();
        return new LoopHost(host, log);
    }

    public static WorkerRegistration Registration(string worker, int slots = 20) => new()
    {
        Worker = new WorkerId(worker),
        StartId = "s",
        Host = new WorkerHost($"machine-{worker}", "boot", "data", new Dictionary<string, string> { ["process"] = "p" }),
        Version = "1",
        Capacity = new WorkerCapacity { Slots = slots, Cpu = slots, MemoryBytes = 4L << 30 },
        Runtimes = ["process"],
    };

    /// <summary>Registers a worker that renews until it is silenced, whatever its calls meet.</summary>
    public async Task KeepAsync(string worker)
    {
        await UntilAsync(async () => (await Registry.RegisterAsync(Registration(worker), CancellationToken.None)).Incarnation == 1, $"{worker} is registered");
        var ending = new CancellationTokenSource();
        renewing[worker] = (ending, Task.Run(() => RenewAsync(worker, ending.Token)));
    }

    /// <summary>The worker is gone from one moment to the next.</summary>
    public async Task SilenceAsync(string worker)
    {
        renewing.Remove(worker, out var renews);
        await renews.Ending.CancelAsync();
        await renews.Loop;
        renews.Ending.Dispose();
    }

    public static PlaceAsk Ask(string job, int ask) => new()
    {
        Job = new(job),
        Conversation = new(job),
        RunId = job,
        Attempt = 1,
        Ask = ask,
        SpecJson = """{"process":["true"]}""",
        SpecDigest = "sha256:0",
        QueuedAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>A workflow's ask.</summary>
    public Task<PlaceAnswer> PlaceAsync(string job, int ask = 1) => host.Services.GetRequiredService<IPlacer>().PlaceAsync(Ask(job, ask), CancellationToken.None);

    /// <summary>A job that a worker has taken.</summary>
    public async Task HoldAsync(string job, string worker)
    {
        PlaceAnswer? answer = null;
        var ask = 0;
        await UntilAsync(async () => (answer = await PlaceAsync(job, ++ask)).Kind == PlaceAnswerKind.Offered, $"{job} is offered");
        Assert.Equal(worker, answer!.Worker?.Value);
        Assert.True((await Registry.ConfirmAsync(
            new LeaseConfirmation { Worker = new(worker), Incarnation = 1, Call = Interlocked.Increment(ref call), Lease = answer.Lease!.Value }, CancellationToken.None)).Accepted);
    }

    public async Task<LeaseState> StateAsync(string job) => (await Registry.FindJobAsync(new JobId(job), CancellationToken.None))!.State;

    public Task LoggedAsync(string says) => UntilAsync(() => Task.FromResult(Lines.Any(line => line.Contains(says, StringComparison.Ordinal))), $"\"{says}\" is logged");

    public Task BecomesAsync(string job, LeaseState state) => UntilAsync(async () => await StateAsync(job) == state, $"{job} is {state}");

    /// <summary>Waits for something while the loops go on.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var until = DateTime.UtcNow + Deadline;
        while (!await HoldsAsync(holds))
        {
            Assert.False(Ended, $"A loop ended the process:\n{string.Join('\n', Lines)}");
            Assert.True(DateTime.UtcNow < until, $"Not within {Deadline.TotalSeconds} s: {what}\n{string.Join('\n', Lines)}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in renewing.Keys.ToArray()) await SilenceAsync(worker);
        await host.StopAsync();
        if (host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        log.Dispose();
    }

    /// <summary>A call that meets a connection that was cut says nothing of what is waited for.</summary>
    private static async Task<bool> HoldsAsync(Func<Task<bool>> holds)
    {
        try
        {
            return await holds();
        }
        catch (DispatchException error) when (error.IsTransient)
        {
            return false;
        }
    }

    private async Task RenewAsync(string worker, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await Registry.RenewAsync(new WorkerRenewal { Worker = new(worker), Incarnation = 1, Call = Interlocked.Increment(ref call), State = WorkerState.Ready, Has = [] }, CancellationToken.None);
            }
            catch (DispatchException)
            {
                // A worker tries again.
            }

            await Task.Delay(RenewEvery, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private sealed class NoNudges : INudge
    {
        public Task NudgeAsync(JobId job, string runId, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>What was logged, from warnings on, with the exceptions as the console shows them.</summary>
    private sealed class LinesOfLog : ILoggerProvider, ILogger
    {
        private ImmutableList<string> lines = [];

        public IReadOnlyList<string> Lines => Volatile.Read(ref lines);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) ImmutableInterlocked.Update(ref lines, all => all.Add($"{formatter(state, exception)}{(exception is null ? "" : $" {exception}")}"));
        }

        public void Dispose()
        {
            // What was logged stays.
        }
    }
}
