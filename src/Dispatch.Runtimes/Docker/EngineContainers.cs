using System.Net;
using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Host;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>The engine's operations on single containers, made safe to repeat.</summary>
internal sealed class EngineContainers(EngineConnection engine, DockerRuntimeOptions options, TimeProvider time)
{
    private const int NameConflictTriesMax = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public async Task<EngineContainer?> FindAsync(string containerId, CancellationToken cancellationToken)
    {
        var shown = await engine.FindAsync(
            $"inspect container {containerId}", token => engine.Client.Containers.InspectContainerAsync(containerId, token), cancellationToken).ConfigureAwait(false);
        if (shown is null)
            return null;
        var container = EngineContainer.From(shown, await engine.LearnDialectAsync(cancellationToken).ConfigureAwait(false));
        if (!engine.Dialect.ReportsOutOfMemory && container.State is { Running: false, ExitCode: not 0 } && ExitFacts.WasStarted(container.State) && KernelLog.KilledForMemory(container.Id))
            container.State.OOMKilled = true;
        return container;
    }

    /// <summary>Creates, or finds the container of the same name and labels that an earlier call made.</summary>
    public async Task<(string Id, bool IsNew)> MakeAsync(string name, CreateContainerParameters request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var made = await engine.AskAsync(
                    $"create container {name}", token => engine.Client.Containers.CreateContainerAsync(request, token), cancellationToken).ConfigureAwait(false);
                return (made.ID, IsNew: true);
            }
            catch (DockerApiException error) when (error.StatusCode == HttpStatusCode.Conflict && attempt < NameConflictTriesMax)
            {
                if (await FindAsync(name, cancellationToken).ConfigureAwait(false) is { IsGoing: false } present)
                    return SameLabels(present, request) ? (present.Id, IsNew: false) : throw StartErrors.Failed(
                        $"the name {name} is taken by container {present.Id}, which has other labels; it was not made for this attempt", error);
            }
            catch (DockerApiException error)
            {
                throw StartErrors.From($"container {name}", error.StatusCode, EngineConnection.MessageOf(error), request.User, error);
            }

            // A container of this name is just being removed.
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a signal. False where there is no such container or it does not run.</summary>
    public async Task<bool> SignalAsync(string containerId, string signal, CancellationToken cancellationToken)
    {
        var what = $"send {signal} to container {containerId}";
        try
        {
            await engine.AskAsync(
                what,
                token => engine.Client.Containers.KillContainerAsync(containerId, new ContainerKillParameters { Signal = signal }, token),
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (DockerApiException error) when (error.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            return false;
        }
        catch (DockerApiException error)
        {
            throw engine.Refused(what, error);
        }
    }

    /// <summary>Whether the container no longer runs, or is gone, within a time.</summary>
    public async Task<bool> EndsWithinAsync(string containerId, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            while (true)
            {
                var answer = await engine.AskAsync(
                    $"wait for container {containerId}", token => engine.Client.Containers.WaitContainerAsync(containerId, token), either.Token,
                    limit + options.RequestTimeout).ConfigureAwait(false);
                var (code, gone) = engine.Dialect.Ended(answer);
                if (code is not null || gone)
                    return true;
                await Task.Delay(Pause, time, either.Token).ConfigureAwait(false);
            }
        }
        catch (DockerApiException error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            return true;
        }
        catch (DockerApiException error)
        {
            throw engine.Refused($"wait for container {containerId}", error);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Removes with all that belongs to it, running or not; a removal under way is waited for.</summary>
    public Task EraseAsync(string containerId, CancellationToken cancellationToken) => EraseAsync(containerId, evenStarted: true, cancellationToken);

    /// <summary>Removes one that was not started, with all that belongs to it. False where it was started meanwhile, and is there.</summary>
    public Task<bool> EraseUnstartedAsync(string containerId, CancellationToken cancellationToken) => EraseAsync(containerId, evenStarted: false, cancellationToken);

    private async Task<bool> EraseAsync(string containerId, bool evenStarted, CancellationToken cancellationToken)
    {
        var what = $"remove container {containerId}";
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                var all = new ContainerRemoveParameters { Force = evenStarted, RemoveVolumes = true };
                await engine.AskAsync(what, token => engine.Client.Containers.RemoveContainerAsync(containerId, all, token), cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (DockerApiException error) when (error.StatusCode == HttpStatusCode.NotFound)
            {
                return true;
            }
            catch (DockerApiException error)
            {
                if (!evenStarted && await FindAsync(containerId, cancellationToken).ConfigureAwait(false) is { } there && ExitFacts.Phase(there.State) != ContainerPhase.Created)
                    return false;

                // Under way already, or a mount that is still busy: it goes through in a moment.
                if (time.GetElapsedTime(since) > options.RemovalTimeout)
                    throw engine.Refused(what, error);
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Attaches to all streams of a container. That there is no such container is passed on as <see cref="DockerApiException"/>, and so is any refusal
    /// where attaching prepares the container.
    /// </summary>
    public async Task<EngineStream> AttachAsync(EngineContainer container, CancellationToken cancellationToken)
    {
        var what = $"attach to container {container.Id}";
        try
        {
            return await engine.AskAsync(
                what, token => EngineStream.AttachAsync(engine.Address, container.Id, container.TakesInput, token), cancellationToken).ConfigureAwait(false);
        }
        catch (DockerApiException error) when (!engine.Dialect.AttachingPrepares && error.StatusCode != HttpStatusCode.NotFound)
        {
            throw engine.Refused(what, error);
        }
    }

    public async Task<IReadOnlyList<string>> ListAsync(string label, CancellationToken cancellationToken)
    {
        var filters = new Dictionary<string, IDictionary<string, bool>> { ["label"] = new Dictionary<string, bool> { [label] = true } };
        var what = new ContainersListParameters { All = true, Filters = filters };
        try
        {
            var listed = await engine.AskAsync(
                "list containers", token => engine.Client.Containers.ListContainersAsync(what, token), cancellationToken).ConfigureAwait(false);
            return [.. listed.Select(entry => entry.ID)];
        }
        catch (DockerApiException error)
        {
            throw engine.Refused("list containers", error);
        }
    }

    public static RuntimeException Gone(string containerId) => new(
        ErrorCode.WorkerLost, $"Container {containerId} was removed from outside, and the engine no longer knows how it ended.") { ContainerGone = true };

    public static RuntimeException Untold(string containerId) => new(
        ErrorCode.WorkerLost, $"Container {containerId} has ended, but whoever watched it for the engine had died: nobody knows how it ended.") { ContainerGone = true };

    private static bool SameLabels(EngineContainer present, CreateContainerParameters request) =>
        request.Labels?.All(label => present.Labels.TryGetValue(label.Key, out var value) && value == label.Value) != false;
}
