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
    private readonly SpareFolders _spares;
    private readonly FileChangeWatch _watch = new();
    private readonly ConcurrentDictionary<string, ProcessCapture> _captures = new();

    /// <summary>The containers that this instance made, until they are removed: one a held lease.</summary>
    private readonly ConcurrentDictionary<string, ProcessRecord> _made = new();

    /// <summary>Makes the runtime of one data directory.</summary>
    /// <param name="link">The way to the directory's guard; stays the caller's.</param>
    /// <param name="options">How processes are run.</param>
    public ProcessRuntime(GuardLink link, ProcessRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(link);
        _link = link;
        _spares = new SpareFolders(ProcessLayout.SpareFolder(link.DataDirectory));
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
        if (_made.TryGetValue(plan.Name, out var present))
        {
            return plan.Labels.All(label => present.Labels.GetValueOrDefault(label.Key) == label.Value)
                ? plan.Name
                : throw new RuntimeException(ErrorCode.StartFailed, $"The process '{plan.Name}' cannot be made: there is another one of this name, with other labels.");
        }

        var record = ProcessRecord.Of(plan);
        try
        {
            await ProcessFolders.MakeAsync(record, plan.Stdin, _spares, cancellationToken).ConfigureAwait(false);
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
        var record = _made.TryGetValue(containerId, out var made)
            ? made
            : throw new RuntimeException(ErrorCode.StartFailed, $"The process '{containerId}' cannot be started: it was not created, or it was removed.");
        var spawn = StartPreparation.Prepare(record, _options);
        var capture = Follow(record.Name, record.Place.Folder, sink);
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
        var entry = await FindAsync(containerId, cancellationToken).ConfigureAwait(false) ?? throw ProcessCapture.Gone(containerId);
        Follow(entry.Name, entry.Place.Folder, sink).Started();
        return new StartedContainer(entry.Start.StartedAt, entry.Report is null ? entry.Start.ProcessId : null);
    }

    /// <inheritdoc />
    public Task<ContainerExit> WaitAsync(string containerId, CancellationToken cancellationToken) =>
        _captures.TryGetValue(containerId, out var capture)
            ? capture.Completion.WaitAsync(cancellationToken)
            : throw new InvalidOperationException($"The process '{containerId}' was neither started nor adopted by this runtime.");

    /// <inheritdoc />
    public async Task StopAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (!await SignalAsync(containerId, grace > TimeSpan.Zero ? LinuxNumbers.SIGTERM : LinuxNumbers.SIGKILL, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var ended = ProcessCapture.WaitForEndAsync(containerId, _link, cancellationToken);
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

        var folder = _made.TryGetValue(containerId, out var made)
            ? made.Place.Folder
            : (await FindAsync(containerId, cancellationToken).ConfigureAwait(false))?.Place.Folder;
        var client = await _link.ClientAsync(cancellationToken).ConfigureAwait(false);
        if (!await client.ForgetAsync(containerId, cancellationToken).ConfigureAwait(false))
        {
            throw new RuntimeException(ErrorCode.RuntimeUnavailable, $"The process '{containerId}' cannot be removed: it still runs after it was killed.");
        }

        try
        {
            if (folder is not null)
            {
                await Task.Run(() => _spares.Remove(folder), cancellationToken).ConfigureAwait(false);
            }

            _made.TryRemove(containerId, out _);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RuntimeException(ErrorCode.RuntimeUnavailable, $"The process '{containerId}' cannot be removed: {error.Message}", error);
        }
    }

    /// <inheritdoc />
    public async Task<ContainerState?> InspectAsync(string containerId, CancellationToken cancellationToken) =>
        await FindAsync(containerId, cancellationToken).ConfigureAwait(false) is { } entry ? State(entry)
            : _made.TryGetValue(containerId, out var made) ? State(made)
            : null;

    /// <inheritdoc />
    public async Task<IReadOnlyList<ContainerState>> ListAsync(string dataDirectoryId, CancellationToken cancellationToken)
    {
        var made = _made.Values;
        var client = await _link.ClientAsync(cancellationToken).ConfigureAwait(false);
        var entries = await client.ListAsync(cancellationToken).ConfigureAwait(false);
        var states = entries.Select(State).Concat(made.ExceptBy(entries.Select(entry => entry.Name), record => record.Name).Select(State));
        return [.. states.Where(state => state.Labels.GetValueOrDefault(ContainerLabels.DataDirectory) == dataDirectoryId)];
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

    private static ContainerState State(ProcessRecord made) => new(made.Name, made.Name, ContainerPhase.Created, null, made.Labels, null);

    private static ContainerState State(GuardEntry entry) => entry.Report is { } report
        ? new(entry.Name, entry.Name, ContainerPhase.Exited, null, entry.Place.Labels, report.Lost ? null : report.ToExit())
        : new(entry.Name, entry.Name, ContainerPhase.Running, entry.Start.ProcessId, entry.Place.Labels, null);

    private async Task<GuardEntry?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var client = await _link.ClientAsync(cancellationToken).ConfigureAwait(false);
        return await client.FindAsync(name, cancellationToken).ConfigureAwait(false);
    }

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

    private ProcessCapture Follow(string name, string folder, IOutputSink sink)
    {
        var capture = new ProcessCapture(name, folder, _link, _watch, sink);
        _captures.AddOrUpdate(name, capture, (_, former) =>
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
}
