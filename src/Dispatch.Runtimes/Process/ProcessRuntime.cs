using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Host;

namespace Dispatch.Runtimes.Process;

/// <summary>Runs plain processes as children of the guard: same life as a container, without its walls.</summary>
/// <remarks>
/// <para>The environment is built up, never inherited: <c>PATH</c> (see <see cref="ProcessRuntimeOptions.Path"/>), <c>HOME</c> (the work folder), <c>TMPDIR</c>,
/// <c>DISPATCH_OUTCOME</c>, <c>DISPATCH_CONTAINER</c>, and what the plan says.</para>
/// <para>SIGTERM goes to the main process alone, as it does to a container; SIGKILL and the end of the main process end all that it left, found by cgroup where there is one,
/// by session, environment and open output otherwise.</para>
/// <para>Memory, processes and CPU are limited by cgroups where the guard may write them; <see cref="DescribeAsync"/> says what is enforced.
/// A <c>user</c> needs a worker that runs as root, and every folder above the attempt's must let that user through.</para>
/// </remarks>
public sealed class ProcessRuntime : IContainerRuntime, IAsyncDisposable
{
    private readonly GuardLink _link;
    private readonly ProcessRuntimeOptions _options;
    private readonly FileChangeWatch _watch = new();
    private readonly ConcurrentDictionary<string, ProcessCapture> _captures = new();

    /// <summary>What is on disk of the containers that this instance made, until they are removed: one a held lease.</summary>
    private readonly ConcurrentDictionary<string, ProcessRecord> _made = new();

    /// <summary>Makes the runtime of one data directory.</summary>
    /// <param name="link">The way to the directory's guard; stays the caller's.</param>
    /// <param name="options">How processes are run.</param>
    public ProcessRuntime(GuardLink link, ProcessRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(link);
        _link = link;
        _options = options;
    }

    /// <inheritdoc />
    public string Name => "process";

    /// <inheritdoc />
    public async Task<RuntimeDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        var client = await _link.ClientAsync(cancellationToken).ConfigureAwait(false);
        var hello = await client.HelloAsync(cancellationToken).ConfigureAwait(false);
        var version = typeof(ProcessRuntime).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
        var architecture = RuntimeInformation.OSArchitecture == Architecture.X64 ? "amd64" : RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
        return new RuntimeDescription(HostIdentity.Read().BootId, version, _options.SurvivesWorker, RunsImages: false, $"linux/{architecture}")
        {
            Remarks = hello.Limits.Length == 0 ? [] : [hello.Limits],
        };
    }

    /// <inheritdoc />
    public Task<PulledImage> PullAsync(ImagePull pull, CancellationToken cancellationToken) =>
        throw new RuntimeException(ErrorCode.ImageNotCompatible, $"The image '{pull?.Image}' cannot be run as a plain process.");

    /// <inheritdoc />
    public async Task<string> CreateAsync(ContainerPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ProcessPlanCheck.Require(plan);
        if (Load(plan.Name) is { } present)
        {
            return plan.Labels.All(label => present.Labels.GetValueOrDefault(label.Key) == label.Value)
                ? plan.Name
                : throw new RuntimeException(ErrorCode.StartFailed, $"The process '{plan.Name}' cannot be made: there is another one of this name, with other labels.");
        }

        var record = ProcessRecord.Of(plan);
        try
        {
            await ProcessFolders.MakeAsync(record, plan.Stdin, cancellationToken).ConfigureAwait(false);
            record.Save(_link.DataDirectory);
            _made[record.Name] = record;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RuntimeException(ErrorCode.RuntimeUnavailable, $"The folders of process '{plan.Name}' cannot be made: {error.Message}", error);
        }

        return plan.Name;
    }

    /// <inheritdoc />
    public async Task<StartedContainer> StartAsync(string containerId, IOutputSink sink, CancellationToken cancellationToken)
    {
        var record = Require(containerId);
        var spawn = StartPreparation.Prepare(record, _options);
        var capture = Follow(record, sink);
        try
        {
            var start = await SpawnAsync(spawn, cancellationToken).ConfigureAwait(false);
            capture.Started();
            return new StartedContainer(start.StartedAt, start.ProcessId);
        }
        catch (GuardRefusal refusal)
        {
            Drop(containerId, capture);
            throw StartPreparation.Explain(record, spawn, refusal);
        }
        catch
        {
            Drop(containerId, capture);
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<StartedContainer> AdoptAsync(string containerId, IOutputSink sink, CancellationToken cancellationToken)
    {
        var record = Load(containerId) ?? throw ProcessCapture.Gone(containerId);
        StartedContainer started;
        if (Report(record) is { } report)
        {
            started = new StartedContainer(report.StartedAt, null);
        }
        else
        {
            var client = await _link.ClientAsync(cancellationToken).ConfigureAwait(false);
            var entry = await client.FindAsync(containerId, cancellationToken).ConfigureAwait(false) ?? throw ProcessCapture.Gone(containerId);
            started = new StartedContainer(entry.Start.StartedAt, entry.Report is null ? entry.Start.ProcessId : null);
        }

        Follow(record, sink).Started();
        return started;
    }

    /// <inheritdoc />
    public Task<ContainerExit> WaitAsync(string containerId, CancellationToken cancellationToken) =>
        _captures.TryGetValue(containerId, out var capture)
            ? capture.Completion.WaitAsync(cancellationToken)
            : throw new InvalidOperationException($"The process '{containerId}' was neither started nor adopted by this runtime.");

    /// <inheritdoc />
    public async Task StopAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (Load(containerId) is not { } record || Report(record) is not null
            || !await SignalAsync(containerId, grace > TimeSpan.Zero ? LinuxNumbers.SIGTERM : LinuxNumbers.SIGKILL, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var ended = ProcessCapture.WaitForEndAsync(record, _link, cancellationToken);
        if (grace > TimeSpan.Zero && await Task.WhenAny(ended, Task.Delay(grace, cancellationToken)).ConfigureAwait(false) != ended)
        {
            await SignalAsync(containerId, LinuxNumbers.SIGKILL, cancellationToken).ConfigureAwait(false);
        }

        await ended.ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task RemoveAsync(string containerId, CancellationToken cancellationToken)
    {
        var ended = _captures.TryRemove(containerId, out var capture) && capture.Completion.IsCompletedSuccessfully;
        capture?.Dispose();
        if (!ended)
        {
            await StopAsync(containerId, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }

        if (Load(containerId) is not { } record)
        {
            return;
        }

        var client = await _link.ClientAsync(cancellationToken).ConfigureAwait(false);
        if (!await client.ForgetAsync(containerId, cancellationToken).ConfigureAwait(false))
        {
            throw new RuntimeException(ErrorCode.RuntimeUnavailable, $"The process '{containerId}' cannot be removed: it still runs after it was killed.");
        }

        try
        {
            await Task.Run(() => TreeRemover.Remove(record.Folder), cancellationToken).ConfigureAwait(false);
            File.Delete(ProcessRecord.File(_link.DataDirectory, containerId));
            _made.TryRemove(containerId, out _);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RuntimeException(ErrorCode.RuntimeUnavailable, $"The process '{containerId}' cannot be removed: {error.Message}", error);
        }
    }

    /// <inheritdoc />
    public async Task<ContainerState?> InspectAsync(string containerId, CancellationToken cancellationToken)
    {
        if (Load(containerId) is not { } record)
        {
            return null;
        }

        if (Report(record) is { } report)
        {
            return State(record, null, report);
        }

        var client = await _link.ClientAsync(cancellationToken).ConfigureAwait(false);
        var entry = await client.FindAsync(containerId, cancellationToken).ConfigureAwait(false);
        return State(record, entry, entry?.Report);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<ContainerState>> ListAsync(string dataDirectoryId, CancellationToken cancellationToken)
    {
        var folder = ProcessLayout.ContainersFolder(_link.DataDirectory);
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var client = await _link.ClientAsync(cancellationToken).ConfigureAwait(false);
        var entries = (await client.ListAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(entry => entry.Name);
        var states = new List<ContainerState>();
        foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
        {
            if (ProcessRecord.Load(file) is { } record && record.Labels.GetValueOrDefault(ContainerLabels.DataDirectory) == dataDirectoryId)
            {
                var entry = entries.GetValueOrDefault(record.Name);
                states.Add(State(record, entry, entry?.Report ?? Report(record)));
            }
        }

        return states;
    }

    /// <summary>Lets go of all captures; processes go on.</summary>
    /// <returns>A task that ends when nothing of this instance runs any more.</returns>
    public ValueTask DisposeAsync()
    {
        foreach (var capture in _captures.Values)
        {
            capture.Dispose();
        }

        _watch.Dispose();
        return ValueTask.CompletedTask;
    }

    private static ContainerState State(ProcessRecord record, GuardEntry? entry, ExitReport? report)
    {
        var phase = report is not null ? ContainerPhase.Exited : entry is not null ? ContainerPhase.Running : ContainerPhase.Created;
        var exit = report is null || report.Lost ? null : report.ToExit();
        return new ContainerState(record.Name, record.Name, phase, phase == ContainerPhase.Running ? entry!.Start.ProcessId : null, record.Labels, exit);
    }

    private ExitReport? Report(ProcessRecord record) => ExitReport.FromFile(ProcessLayout.StartedFile(_link.DataDirectory, record.Name));

    private async Task<bool> SignalAsync(string name, int signal, CancellationToken cancellationToken)
    {
        var client = await _link.ClientAsync(cancellationToken).ConfigureAwait(false);
        return await client.SignalAsync(name, signal, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks twice where the guard went away in between: it starts a name only once, whoever asks.</summary>
    private async Task<GuardStart> SpawnAsync(GuardSpawn spawn, CancellationToken cancellationToken)
    {
        var client = await _link.ClientAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await client.SpawnAsync(spawn, cancellationToken).ConfigureAwait(false);
        }
        catch (RuntimeException error) when (error.Code == ErrorCode.RuntimeUnavailable && !client.IsConnected)
        {
            client = await _link.ClientAsync(cancellationToken).ConfigureAwait(false);
            return await client.SpawnAsync(spawn, cancellationToken).ConfigureAwait(false);
        }
    }

    private ProcessCapture Follow(ProcessRecord record, IOutputSink sink)
    {
        var capture = new ProcessCapture(record, _link, _watch, sink);
        _captures.AddOrUpdate(record.Name, capture, (_, former) =>
        {
            former.Dispose();
            return capture;
        });
        return capture;
    }

    private void Drop(string name, ProcessCapture capture)
    {
        _captures.TryRemove(KeyValuePair.Create(name, capture));
        capture.Dispose();
    }

    private ProcessRecord? Load(string name) => !ProcessPlanCheck.IsName(name) ? null
        : _made.TryGetValue(name, out var made) ? made
        : ProcessRecord.Load(ProcessRecord.File(_link.DataDirectory, name));

    private ProcessRecord Require(string name) =>
        Load(name) ?? throw new RuntimeException(ErrorCode.StartFailed, $"The process '{name}' cannot be started: it was not created, or it was removed.");
}
