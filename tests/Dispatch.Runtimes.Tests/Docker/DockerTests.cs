using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Docker;

/// <summary>What the tests against the real engine share: a runtime, plans, running one to its end, and that nothing is left.</summary>
[Collection(DockerCollection.Name)]
public abstract class DockerTests(DockerEngine engine) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static int _names;

    private protected DockerDaemon Daemon { get; } = engine.Daemon;

    private protected DockerRuntime Runtime { get; } = new(new DockerRuntimeOptions { Endpoint = engine.Daemon.Endpoint });

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

    private protected static ContainerPlan Plan(params string[] command)
    {
        var name = $"t{Environment.ProcessId}-{Interlocked.Increment(ref _names)}";
        return new ContainerPlan
        {
            Name = name,
            Image = DockerDaemon.Image,
            Command = command,
            Labels = new Dictionary<string, string> { [ContainerLabels.Job] = name, [ContainerLabels.DataDirectory] = "data-1" },
            AttemptDirectory = "/tmp",
            CpuCores = 0.5,
        };
    }

    private protected static ContainerPlan Shell(string script) => Plan("sh", "-c", script);

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
