using Dispatch.Contracts.Errors;
using Microsoft.Extensions.Logging;

namespace Dispatch.Runtimes.Docker;

/// <content>How containers are ended and removed.</content>
public sealed partial class DockerRuntime
{
    /// <summary>How often a container that takes no signal is looked at while it shows as running: it may have been started between the two.</summary>
    private const int KillTriesMax = 3;

    /// <inheritdoc/>
    public async Task StopAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (grace > TimeSpan.Zero
            && await SignalAsync(containerId, "SIGTERM", ExitFacts.SigTerm, cancellationToken).ConfigureAwait(false)
            && await _containers.EndsWithinAsync(containerId, grace, cancellationToken).ConfigureAwait(false))
            return;
        await KillAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Kills a container at once, and removes one that was made and not started: a start that is under way in the engine then finds nothing. One that is
    /// not there or has ended is no error, and one that has ended is kept.
    /// </summary>
    /// <param name="containerId">The container's id or name.</param>
    /// <param name="cancellationToken">Ends the call; the container may go on.</param>
    /// <returns>A task that ends when the container does not run and will not.</returns>
    /// <exception cref="RuntimeException">The engine does not answer, or the container still runs when the request's time is over.</exception>
    public async Task KillAsync(string containerId, CancellationToken cancellationToken)
    {
        for (var tries = 1; !await SignalAsync(containerId, "SIGKILL", ExitFacts.SigKill, cancellationToken).ConfigureAwait(false); tries++)
        {
            var there = await _containers.FindAsync(containerId, cancellationToken).ConfigureAwait(false);
            var phase = there is null ? (ContainerPhase?)null : ExitFacts.Phase(there.State);
            if (phase == ContainerPhase.Created && await _containers.EraseUnstartedAsync(there!.Id, cancellationToken).ConfigureAwait(false))
            {
                _fresh.Forget(there.Id);
                return;
            }

            if (phase is null or ContainerPhase.Exited || tries >= KillTriesMax)
            {
                await SeeEndedAsync(containerId, cancellationToken).ConfigureAwait(false);
                return;
            }
        }

        if (!await _containers.EndsWithinAsync(containerId, _options.RequestTimeout, cancellationToken).ConfigureAwait(false))
            throw new RuntimeException(
                ErrorCode.RuntimeUnavailable, $"Container {containerId} still runs {_options.RequestTimeout.TotalSeconds:0.#} s after SIGKILL was sent.");
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(string containerId, CancellationToken cancellationToken)
    {
        var running = Running(containerId);
        running?.NoteSignal(ExitFacts.SigKill);
        running?.NoteRemoval();
        await _containers.EraseAsync(containerId, cancellationToken).ConfigureAwait(false);
        _fresh.Forget(containerId);
        if (running is not null && _running.TryRemove(running.Id, out _))
            await running.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Removes what could not be started. The reason why it could not matters more than that it could not be removed either.</summary>
    private async Task ClearAwayAsync(string containerId)
    {
        try
        {
            await RemoveAsync(containerId, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RuntimeException error)
        {
            LogNotClearedAway(containerId, error.Message);
        }
    }

    private async Task<bool> SignalAsync(string containerId, string name, int signal, CancellationToken cancellationToken)
    {
        // Remembered before it is sent: the exit may be seen before the sending has returned.
        var running = Running(containerId);
        var first = running?.NoteSignal(signal) == true;
        if (await _containers.SignalAsync(containerId, name, cancellationToken).ConfigureAwait(false))
            return true;
        if (first)
            running!.ForgetSignal(signal);
        return false;
    }

    /// <summary>
    /// The engine takes no signal because the container does not run: then its end comes. It does not where the process died that watches the container for the
    /// engine (Podman's conmon): the container is shown as running for ever, and no wait is answered.
    /// </summary>
    private async Task SeeEndedAsync(string containerId, CancellationToken cancellationToken)
    {
        if (Running(containerId) is { } running
            && !await running.EndsWithinAsync(_options.EndToldWithin, cancellationToken).ConfigureAwait(false)
            && await _containers.FindAsync(containerId, cancellationToken).ConfigureAwait(false) is { State.Running: true })
        {
            running.NoteUntold();
        }
    }

    [LoggerMessage(2121, LogLevel.Warning, "Container {ContainerId}, which could not be started, could not be removed either: {Reason}")]
    private partial void LogNotClearedAway(string containerId, string reason);
}
