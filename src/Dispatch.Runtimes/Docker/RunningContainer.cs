using Dispatch.Contracts.Errors;
using Microsoft.Extensions.Logging;

namespace Dispatch.Runtimes.Docker;

/// <summary>A container that this instance started or adopted: its watched end, its captured output, and the signals it was sent.</summary>
internal sealed partial class RunningContainer : IAsyncDisposable
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(50);

    private readonly EngineContainers _containers;
    private readonly EngineDialect _dialect;
    private readonly string _command;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly OutputCapture _capture;
    private readonly EngineEvents _events;
    private readonly ContainerNews _news;
    private readonly ContainerEnd _end;
    private readonly CgroupUsage _usage;
    private readonly CancellationTokenSource _given = new();
    private readonly Lock _lock = new();
    private readonly HashSet<int> _signals = [];
    private DateTimeOffset? _startedAt;
    private readonly DateTimeOffset _begunAt;
    private bool _removing;
    private Task _stdin = Task.CompletedTask;
    private Task _sampling = Task.CompletedTask;

    public RunningContainer(
        EngineConnection engine, EngineContainers containers, EngineEvents events, EngineContainer container, IOutputSink sink, DockerRuntimeOptions options, TimeProvider time,
        ILogger logger)
    {
        _containers = containers;
        _dialect = engine.Dialect;
        Id = container.Id;
        Name = container.Name;
        _command = container.Command;
        _time = time;
        _logger = logger;
        _capture = new OutputCapture(PodmanLogFile.Of(engine, container) ?? (IEngineFiles)new EngineLog(engine, Id, options), Id, sink, options, time, logger);
        _events = events;
        _news = events.Follow(Id);
        _end = new ContainerEnd(engine, Id, _news, options, time);
        _usage = new CgroupUsage(Id, time);
        _begunAt = time.GetUtcNow();
    }

    public string Id { get; }

    public string Name { get; }

    /// <summary>Ends when the container has ended and its output is in the sink.</summary>
    public Task<ContainerExit> Exit { get; private set; } = Task.FromException<ContainerExit>(new InvalidOperationException("The container was not begun."));

    /// <summary>Ends when the container has ended well, where the engine tells that early.</summary>
    public Task EndedWell => _news.EndedWell;

    /// <summary>When it was started, as far as is known.</summary>
    public DateTimeOffset StartedAt
    {
        get
        {
            lock (_lock)
                return _startedAt ?? _news.StartedAt ?? _begunAt;
        }
    }

    /// <summary>The signals that this runtime sent.</summary>
    public IReadOnlyCollection<int> Signals
    {
        get
        {
            lock (_lock)
                return [.. _signals];
        }
    }

    /// <summary>Begins to watch and to capture; called once, right after the start or at the adoption.</summary>
    public void Begin(EngineStream? attached, ReadOnlyMemory<byte> stdin)
    {
        if (attached is not null && !stdin.IsEmpty)
            _stdin = GiveInputAsync(attached, stdin);
        Exit = RunAsync(attached);
        // An exit that nobody waits for any more must not end as an unobserved exception.
        _ = Exit.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>What the engine showed right after the start or at the adoption.</summary>
    public void NoteStarted(DateTimeOffset startedAt, int? processId)
    {
        lock (_lock)
            _startedAt = startedAt;
        if (processId is { } id)
            _sampling = _usage.SampleAsync(id, _end.Token);
    }

    /// <summary>Remembers a signal that is about to be sent. True where it was not sent before.</summary>
    public bool NoteSignal(int signal)
    {
        lock (_lock)
            return _signals.Add(signal);
    }

    /// <summary>The signal, never sent before, found nothing running.</summary>
    public void ForgetSignal(int signal)
    {
        lock (_lock)
            _signals.Remove(signal);
    }

    /// <summary>Whether its end is told within a time.</summary>
    public Task<bool> EndsWithinAsync(TimeSpan limit, CancellationToken cancellationToken) => _end.ComesWithinAsync(limit, cancellationToken);

    /// <summary>It has ended, and the engine will not tell how.</summary>
    public void NoteUntold()
    {
        LogUntold(Id);
        _end.IsUntold();
    }

    public void NoteRemoval()
    {
        lock (_lock)
            _removing = true;
    }

    public async ValueTask DisposeAsync()
    {
        _events.Leave(Id, _news);
        await _given.CancelAsync().ConfigureAwait(false);
        await ((Task)Exit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stdin.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _sampling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _capture.Dispose();
        _end.Dispose();
        _given.Dispose();
    }

    private async Task<ContainerExit> RunAsync(EngineStream? attached)
    {
        var capturing = _capture.RunAsync(attached, _end, _usage.ReadOnce, _given.Token);
        long ended;
        try
        {
            await _end.WatchAsync(_given.Token).ConfigureAwait(false);
        }
        finally
        {
            ended = _time.GetTimestamp();
            await capturing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var exit = await DescribeEndAsync().ConfigureAwait(false);
        exit = exit with { ToldAfter = _time.GetElapsedTime(ended), OutputBytesLost = _capture.BytesLost };
        if (capturing.IsFaulted)
        {
            var cause = capturing.Exception.InnerException;
            throw new RuntimeException(ErrorCode.InternalError, $"The output of container {Id} could not be kept whole: {cause?.Message}", cause);
        }

        await capturing.ConfigureAwait(false);
        return _capture.StderrHead is { } head && StartErrors.FromInit(exit.Code, _capture.Position(OutputStream.Stdout), head, _command) is { } notStarted ? throw notStarted : exit;
    }

    private async Task<ContainerExit> DescribeEndAsync()
    {
        if (_end.EndedWellAt is { } endedAt)
            return ExitFacts.Well(StartedAt, endedAt) with { CpuSeconds = _usage.Last.CpuSeconds, PeakMemoryBytes = _usage.Last.PeakMemoryBytes };
        var container = await LookAtEndAsync().ConfigureAwait(false);
        lock (_lock)
        {
            var shown = container is { IsGoing: false, State.Running: false } ? ExitFacts.From(container.State, _signals) : null;
            var (cpuSeconds, peakMemoryBytes) = _usage.Last;
            if (shown is not null)
                return shown with { CpuSeconds = cpuSeconds, PeakMemoryBytes = peakMemoryBytes };

            var observed = _time.GetUtcNow();
            if (_end.Code is { } code)
                return new ContainerExit(code, ExitFacts.Signal(code, outOfMemory: false, _signals), OutOfMemory: false, StartedAt, observed) { RemovedFromOutside = !_removing };
        }

        LogGone(Id);
        throw EngineContainers.Gone(Id);
    }

    /// <summary>Looks at the ended container; while somebody else may be at its removal, again until that shows or is not to be expected any more.</summary>
    private async Task<EngineContainer?> LookAtEndAsync()
    {
        var since = _time.GetTimestamp();
        while (true)
        {
            var container = await _containers.FindAsync(Id, _given.Token).ConfigureAwait(false);
            if (!_dialect.ReportsOutOfMemory && _usage.OutOfMemory && container is not null)
                container.State.OOMKilled = true;
            if (container is null || !ExitFacts.MayBeUnderRemoval(container, Signals) || _time.GetElapsedTime(since) >= _dialect.RemovalShowsWithin)
                return container;
            LogLooksAgain(Id);
            await Task.Delay(LookAgainAfter, _time, _given.Token).ConfigureAwait(false);
        }
    }

    private async Task GiveInputAsync(EngineStream attached, ReadOnlyMemory<byte> stdin)
    {
        try
        {
            await attached.WriteAsync(stdin, _given.Token).ConfigureAwait(false);
            attached.CloseInput();
        }
        catch (Exception error) when (EngineConnection.NoAnswer(error))
        {
            // A workload need not read its input to the end, and may be over before.
            LogInputNotTaken(Id, error.Message);
        }
    }

    [LoggerMessage(2111, LogLevel.Debug, "Container {ContainerId} did not take all of its input: {Reason}")]
    private partial void LogInputNotTaken(string containerId, string reason);

    [LoggerMessage(2113, LogLevel.Debug, "Container {ContainerId} was killed from outside; it is looked at again, for whoever did may be about to remove it")]
    private partial void LogLooksAgain(string containerId);

    [LoggerMessage(2114, LogLevel.Warning,
        "The engine shows container {ContainerId} as running and takes no signal for it because it does not run: whoever watched it had died, and how it ended is not known")]
    private partial void LogUntold(string containerId);

    [LoggerMessage(2112, LogLevel.Warning, "Container {ContainerId} was removed from outside; the engine no longer knows how it ended")]
    private partial void LogGone(string containerId);
}
