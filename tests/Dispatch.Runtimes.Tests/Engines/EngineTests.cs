using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Engines;

/// <summary>What the tests against a real engine share: a runtime, plans, running one to its end, and that nothing is left. Each test runs over every engine.</summary>
public abstract class EngineTests(TestEngine engine) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static int _names;

    private protected TestEngine Daemon { get; } = engine;

    /// <summary>The network of plans; null is the runtime's default.</summary>
    private protected virtual string? Network => null;

    private protected DockerRuntime Runtime { get; } = new(new DockerRuntimeOptions { Endpoint = engine.Endpoint });

    private protected CancellationTokenSource Deadline { get; } = new(Patience);

    private protected CancellationToken Cancel => Deadline.Token;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Runtime.DisposeAsync();
        foreach (var id in await Daemon.Api.ContainerIdsAsync())
            await Daemon.Api.RemoveContainerAsync(id);
        Deadline.Dispose();
    }

    /// <summary>Another instance on the same engine, as another process would have.</summary>
    private protected DockerRuntime NewRuntime() => new(new DockerRuntimeOptions { Endpoint = Daemon.Endpoint });

    private protected ContainerPlan Plan(params string[] command)
    {
        var name = $"t{Environment.ProcessId}-{Interlocked.Increment(ref _names)}";
        return new ContainerPlan
        {
            Name = name,
            Image = TestEngine.Image,
            Command = command,
            Labels = new Dictionary<string, string> { [ContainerLabels.Job] = name, [ContainerLabels.DataDirectory] = "data-1" },
            AttemptDirectory = "/tmp",
            Network = Network,
            CpuCores = 0.5,
        };
    }

    private protected ContainerPlan Shell(string script) => Plan("sh", "-c", script);

    private protected async Task<(string Id, StartedContainer Started)> StartAsync(ContainerPlan plan, IOutputSink sink)
    {
        var id = await Runtime.CreateAsync(plan, Cancel);
        return (id, await Runtime.StartAsync(id, sink, Cancel));
    }

    /// <summary>Runs to the end and removes.</summary>
    private protected async Task<(ContainerExit Exit, RecordingSink Output)> RunAsync(ContainerPlan plan)
    {
        var sink = new RecordingSink();
        var (id, _) = await StartAsync(plan, sink);
        var exit = await Runtime.WaitAsync(id, Cancel);
        await Runtime.RemoveAsync(id, Cancel);
        return (exit, sink);
    }

    private protected async Task UntilAsync(Func<bool> condition) => await UntilAsync(() => Task.FromResult(condition()));

    private protected async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
            await Task.Delay(10, Cancel);
    }
}
