using System.Collections.Concurrent;
using Dispatch.Contracts.Errors;
using Docker.DotNet;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dispatch.Runtimes.Docker;

/// <summary>Runs containers through the Docker Engine API, which Docker and Podman serve; what differs between the two is in <see cref="EngineDialect"/>.</summary>
/// <remarks>
/// A working directory that the image does not have is created, as Docker does. Containers get an init process where the engine has one, so that
/// orphans are reaped and signals reach the command. Capabilities are <c>CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETGID SETUID</c>
/// and what the plan adds; new privileges never; the network is the engine's bridge, or none where it has no bridge.
/// <para>The signal of an exit is told only where this instance or the kernel sent it: of any other the engine tells but the code, 128 + n, which a
/// program may return by itself. A command that only the kernel refuses (a script without its interpreter, a binary for another processor) has been
/// started by the time that shows: then <see cref="WaitAsync"/> throws <c>StartFailed</c>.</para>
/// <para>When <see cref="WaitAsync"/> has thrown <c>RuntimeUnavailable</c>, <see cref="AdoptAsync"/> takes the container up again.</para>
/// </remarks>
public sealed partial class DockerRuntime : IContainerRuntime, IAsyncDisposable
{
    private readonly DockerRuntimeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EngineConnection _engine;
    private readonly ImageStore _images;
    private readonly EngineContainers _containers;
    private readonly FreshContainers _fresh = new();
    private readonly ContainerMaker _maker;
    private readonly EngineEvents _events;
    private readonly ConcurrentDictionary<string, RunningContainer> _running = new(StringComparer.Ordinal);

    /// <summary>Makes a runtime; nothing is asked of the engine yet.</summary>
    /// <param name="options">How the engine is reached; null for the defaults.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="logger">Where it logs; null for nowhere.</param>
    /// <exception cref="ArgumentException">The endpoint is not understood.</exception>
    public DockerRuntime(DockerRuntimeOptions? options = null, TimeProvider? time = null, ILogger<DockerRuntime>? logger = null)
    {
        _options = options ?? new DockerRuntimeOptions();
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<DockerRuntime>.Instance;
        _engine = new EngineConnection(_options.FindEndpoint(), _options.RequestTimeout, _options.DescribeTimeout);
        _images = new ImageStore(_engine, _options);
        _containers = new EngineContainers(_engine, _options, _time);
        _events = new EngineEvents(_engine, _time, _logger);
        _maker = new ContainerMaker(_engine, _containers, _images, _fresh, _options, _logger);
    }

    /// <summary><c>docker</c>; <c>podman</c> once an engine has answered that says it is Podman.</summary>
    public string Name => _engine.Dialect.Name;

    /// <summary>Where the engine is reached: <c>unix</c> or <c>http</c>.</summary>
    public Uri Endpoint => _engine.Address;

    /// <inheritdoc/>
    public async Task<RuntimeDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        var facts = await _maker.LearnAsync(cancellationToken).ConfigureAwait(false);
        return new RuntimeDescription(facts.EngineId, facts.Version, SurvivesWorker: true, RunsImages: true, facts.Platform)
        {
            Product = $"{facts.Dialect.Product} {facts.Version} at {_engine.Address.OriginalString}",
            Remarks = facts.Remarks,
        };
    }

    /// <inheritdoc/>
    public Task PingAsync(CancellationToken cancellationToken) => _engine.PingAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<PulledImage?> FindImageAsync(ImagePull pull, CancellationToken cancellationToken) => _images.FindImageAsync(pull, cancellationToken);

    /// <inheritdoc/>
    public Task<PulledImage> PullAsync(ImagePull pull, CancellationToken cancellationToken) => _images.PullAsync(pull, cancellationToken);

    /// <inheritdoc/>
    public async Task<string> CreateAsync(ContainerPlan plan, CancellationToken cancellationToken)
    {
        var made = await _maker.MakeAsync(plan, cancellationToken).ConfigureAwait(false);
        try
        {
            await _maker.VerifyAsync(plan, made, cancellationToken).ConfigureAwait(false);
            return made.Id;
        }
        catch (RuntimeException error) when (error.Code == ErrorCode.StartFailed)
        {
            await ClearAwayAsync(made.Id).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<StartedContainer> StartAsync(string containerId, IOutputSink sink, CancellationToken cancellationToken)
    {
        var hasInput = _fresh.TryInput(containerId, out var stdin);
        var container = _fresh.TakeUp(containerId) ?? await _containers.FindAsync(containerId, cancellationToken).ConfigureAwait(false)
            ?? throw StartErrors.NotThere($"Container {containerId} is not there to be started.", null);
        if (ExitFacts.Phase(container.State) != ContainerPhase.Created)
            throw StartedBefore(containerId);
        if (container.TakesInput && !hasInput)
            throw StartErrors.Failed($"the input of container {containerId} is no longer known; create it again", null);

        await _engine.LearnDialectAsync(cancellationToken).ConfigureAwait(false);
        var running = new RunningContainer(_engine, _containers, _events, container, sink, _options, _time, _logger);
        EngineStream? attached = null;
        try
        {
            attached = await _fresh.TakeAttachmentAsync(container.Id).ConfigureAwait(false) ?? await _containers.AttachAsync(container, cancellationToken).ConfigureAwait(false);
            var started = await _engine.AskAsync(
                $"start container {containerId}",
                token => _engine.Client.Containers.StartContainerAsync(container.Id, null, token), cancellationToken, _options.StartTimeout).ConfigureAwait(false);
            if (!started)
                throw StartedBefore(containerId);
        }
        catch (DockerApiException error)
        {
            attached?.Dispose();
            await running.DisposeAsync().ConfigureAwait(false);
            await ClearAwayAsync(container.Id).ConfigureAwait(false);
            throw StartErrors.From($"container {container.Name}", error.StatusCode, EngineConnection.MessageOf(error), container.User, error);
        }
        catch
        {
            attached?.Dispose();
            await running.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        running.Begin(attached, stdin);
        _fresh.Forget(container.Id);
        _running[container.Id] = running;
        return await SeeStartedAsync(container.Id, running, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<StartedContainer> AdoptAsync(string containerId, IOutputSink sink, CancellationToken cancellationToken)
    {
        var container = await _containers.FindAsync(containerId, cancellationToken).ConfigureAwait(false) ?? throw EngineContainers.Gone(containerId);
        if (ExitFacts.Phase(container.State) == ContainerPhase.Created)
            throw StartErrors.Failed($"container {containerId} was never started, so there is nothing to go on with", null);
        if (_running.TryRemove(container.Id, out var before))
            await before.DisposeAsync().ConfigureAwait(false);

        await _engine.LearnDialectAsync(cancellationToken).ConfigureAwait(false);
        var running = new RunningContainer(_engine, _containers, _events, container, sink, _options, _time, _logger);
        running.NoteStarted(ExitFacts.Time(container.State.StartedAt), ExitFacts.ProcessId(container.State));
        running.Begin(attached: null, ReadOnlyMemory<byte>.Empty);
        _running[container.Id] = running;
        return new StartedContainer(ExitFacts.Time(container.State.StartedAt), ExitFacts.ProcessId(container.State));
    }

    /// <inheritdoc/>
    public Task<ContainerExit> WaitAsync(string containerId, CancellationToken cancellationToken) => Running(containerId) is { } running
        ? running.Exit.WaitAsync(cancellationToken)
        : throw new InvalidOperationException($"Container {containerId} was neither started nor adopted by this runtime.");

    /// <inheritdoc/>
    public async Task<ContainerState?> InspectAsync(string containerId, CancellationToken cancellationToken)
    {
        if (await _containers.FindAsync(containerId, cancellationToken).ConfigureAwait(false) is not { } container)
            return null;

        var phase = ExitFacts.Phase(container.State);
        var signals = Running(container.Id)?.Signals ?? [];
        return new ContainerState(
            container.Id, container.Name, phase, ExitFacts.ProcessId(container.State), container.Labels,
            phase == ContainerPhase.Exited ? ExitFacts.From(container.State, signals) : null);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ContainerState>> ListAsync(string dataDirectoryId, CancellationToken cancellationToken)
    {
        var states = new List<ContainerState>();
        foreach (var id in await _containers.ListAsync($"{ContainerLabels.DataDirectory}={dataDirectoryId}", cancellationToken).ConfigureAwait(false))
        {
            if (await InspectAsync(id, cancellationToken).ConfigureAwait(false) is { } state)
                states.Add(state);
        }

        return states;
    }

    /// <summary>Lets go of all containers: they run on, but are no longer watched or captured.</summary>
    /// <returns>A task that ends when nothing is written to any sink any more.</returns>
    public async ValueTask DisposeAsync()
    {
        foreach (var running in _running.Values)
            await running.DisposeAsync().ConfigureAwait(false);
        _running.Clear();
        _fresh.Dispose();
        await _events.DisposeAsync().ConfigureAwait(false);
        _images.Dispose();
        _engine.Dispose();
    }

    /// <summary>One that this instance started or adopted, by id or name.</summary>
    private RunningContainer? Running(string container) =>
        _running.TryGetValue(container, out var running) ? running : _running.Values.FirstOrDefault(other => other.Name == container);

    private static RuntimeException StartedBefore(string containerId) => StartErrors.Failed($"container {containerId} was started before; a container is started once", null);

    private async Task<StartedContainer> SeeStartedAsync(string containerId, RunningContainer running, CancellationToken cancellationToken)
    {
        // While the engine clears a short one away it does not show it, and nothing is to be seen any more.
        using var looking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var look = _containers.FindAsync(containerId, looking.Token);
        if (await Task.WhenAny(look, running.EndedWell).ConfigureAwait(false) != look)
        {
            await looking.CancelAsync().ConfigureAwait(false);
            await ((Task)look).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new StartedContainer(running.StartedAt, null);
        }

        if (await look.ConfigureAwait(false) is not { } container)
            return new StartedContainer(_time.GetUtcNow(), null);
        var startedAt = ExitFacts.Time(container.State.StartedAt);
        var processId = ExitFacts.ProcessId(container.State);
        running.NoteStarted(startedAt, processId);
        return new StartedContainer(startedAt, processId);
    }
}
