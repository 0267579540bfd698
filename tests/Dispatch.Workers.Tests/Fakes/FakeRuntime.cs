using System.Collections.Concurrent;
using System.Text;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Logs;
using Dispatch.Runtimes;

namespace Dispatch.Workers.Tests.Fakes;

/// <summary>Containers in memory. They outlive the keepers that started them, as real ones do.</summary>
internal sealed class FakeRuntime : IContainerRuntime
{
    private readonly ConcurrentDictionary<string, Container> containers = new();

    public string Name => "process";

    public Uri? Endpoint { get; init; }

    /// <summary>Who it says it is.</summary>
    internal string Id { get; set; } = "fake";

    /// <summary>What a look waits for before it is answered, by the call's name: a runtime that is slow.</summary>
    internal Func<string, Task> Answering { get; set; } = _ => Task.CompletedTask;

    /// <summary>What a call fails with, by the call's name; asked at each call.</summary>
    internal Func<string, RuntimeException?> Refusal { get; set; } = _ => null;

    internal int Starts => starts;

    internal IReadOnlyList<ContainerPlan> Plans => [.. containers.Values.Select(container => container.Plan)];

    internal ConcurrentQueue<string> Removed { get; } = new();

    private int starts;

    public async Task<RuntimeDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        await Answering("describe").WaitAsync(cancellationToken);
        Check("describe");
        return new RuntimeDescription(Id, "1", SurvivesWorker: true, RunsImages: false, "linux/amd64");
    }

    public Task PingAsync(CancellationToken cancellationToken)
    {
        Check("ping");
        return Answering("ping").WaitAsync(cancellationToken);
    }

    public Task<PulledImage> PullAsync(ImagePull pull, CancellationToken cancellationToken) => throw new InvalidOperationException("Plain processes are not pulled.");

    public Task<string> CreateAsync(ContainerPlan plan, CancellationToken cancellationToken)
    {
        Check("create");
        containers.GetOrAdd(plan.Name, _ => new Container(plan));
        return Task.FromResult(plan.Name);
    }

    public Task<StartedContainer> StartAsync(string containerId, IOutputSink sink, CancellationToken cancellationToken)
    {
        Check("start");
        Interlocked.Increment(ref starts);
        var container = containers[containerId];
        container.StartedAt = DateTimeOffset.UtcNow;
        container.Sink = sink;
        container.Phase = ContainerPhase.Running;
        return Task.FromResult(new StartedContainer(container.StartedAt, null));
    }

    public async Task<StartedContainer> AdoptAsync(string containerId, IOutputSink sink, CancellationToken cancellationToken)
    {
        Check("adopt");
        var container = containers[containerId];
        container.Sink = sink;
        await container.FlushAsync();
        return new(container.StartedAt, null);
    }

    public async Task<ContainerExit> WaitAsync(string containerId, CancellationToken cancellationToken)
    {
        var exit = await containers[containerId].Ended.Task.WaitAsync(cancellationToken);
        await containers[containerId].FlushAsync();
        return exit;
    }

    public Task StopAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        Check("stop");
        End(containerId, grace == TimeSpan.Zero ? 137 : 143, grace == TimeSpan.Zero ? 9 : 15);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string containerId, CancellationToken cancellationToken)
    {
        Check("remove");
        if (containers.TryRemove(containerId, out _))
        {
            Removed.Enqueue(containerId);
        }

        return Task.CompletedTask;
    }

    public async Task<ContainerState?> InspectAsync(string containerId, CancellationToken cancellationToken)
    {
        Check("inspect");
        await Answering("inspect").WaitAsync(cancellationToken);
        return containers.TryGetValue(containerId, out var container) ? container.State() : null;
    }

    public Task<IReadOnlyList<ContainerState>> ListAsync(string dataDirectoryId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ContainerState>>(
            [.. containers.Values.Select(container => container.State()).Where(state => state.Labels[ContainerLabels.DataDirectory] == dataDirectoryId)]);

    /// <summary>The names of running containers.</summary>
    internal IReadOnlyList<string> Running() => [.. containers.Where(one => one.Value.Phase == ContainerPhase.Running).Select(one => one.Key)];

    internal bool IsEmpty => containers.IsEmpty;

    /// <summary>The workload prints; the bytes reach whoever listens now or later.</summary>
    internal async Task PrintAsync(string name, string text)
    {
        containers[name].Output.Write(Encoding.UTF8.GetBytes(text));
        await containers[name].FlushAsync();
    }

    /// <summary>The workload ends.</summary>
    internal void End(string name, int code, int? signal = null)
    {
        if (containers.TryGetValue(name, out var container) && container.Phase == ContainerPhase.Running)
        {
            container.Phase = ContainerPhase.Exited;
            container.Ended.TrySetResult(new(code, signal, false, container.StartedAt, DateTimeOffset.UtcNow));
        }
    }

    /// <summary>Nobody listens to the output any more: the worker is dead.</summary>
    internal void LoseListeners()
    {
        foreach (var container in containers.Values)
        {
            container.Sink = null;
        }
    }

    private void Check(string call)
    {
        if (Refusal(call) is { } refusal)
        {
            throw refusal;
        }
    }

    internal static RuntimeException Away() => new(ErrorCode.RuntimeUnavailable, "The runtime does not answer.");

    private sealed class Container(ContainerPlan plan)
    {
        private readonly SemaphoreSlim flushing = new(1, 1);

        internal ContainerPlan Plan { get; } = plan;

        internal ContainerPhase Phase { get; set; } = ContainerPhase.Created;

        internal DateTimeOffset StartedAt { get; set; }

        internal IOutputSink? Sink { get; set; }

        internal MemoryStream Output { get; } = new();

        internal TaskCompletionSource<ContainerExit> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal ContainerState State() => new(Plan.Name, Plan.Name, Phase, null, Plan.Labels, null);

        internal async Task FlushAsync()
        {
            await flushing.WaitAsync();
            if (Sink is { } sink)
            {
                await sink.AppendAsync(OutputStream.Stdout, Output.ToArray().AsMemory((int)sink.Position(OutputStream.Stdout)), CancellationToken.None);
            }

            flushing.Release();
        }
    }
}
