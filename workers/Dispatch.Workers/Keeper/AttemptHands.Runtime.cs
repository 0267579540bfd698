using Dispatch.Contracts.Errors;
using Dispatch.Runtimes;
using Dispatch.Workers.Plans;

namespace Dispatch.Workers.Keeper;

/// <content>What is done with the runtime.</content>
internal sealed partial class AttemptHands
{
    private async Task AtRuntimeAsync(AttemptAction action, AttemptState state)
    {
        var phase = state.Phase;
        try
        {
            switch (action)
            {
                case AttemptAction.Pull:
                    post(new AttemptInput.Pulled((await PullAsync().ConfigureAwait(false)).Digest));
                    break;
                case AttemptAction.Create:
                    post(new AttemptInput.Created(await CreateAsync(state.ImageDigest).ConfigureAwait(false)));
                    break;
                case AttemptAction.Start start:
                    await StartAsync(start, state.ContainerId!).ConfigureAwait(false);
                    break;
                case AttemptAction.Look:
                    post(new AttemptInput.Found(await Limited(RuntimeLimit, limit => Runtime.InspectAsync(Name, limit)).ConfigureAwait(false)));
                    break;
                case AttemptAction.Attach:
                    PostStarted(await Limited(RuntimeLimit, limit => Runtime.AdoptAsync(state.ContainerId!, Log, limit)).ConfigureAwait(false));
                    break;
                case AttemptAction.Wait:
                    post(new AttemptInput.Ended(await Runtime.WaitAsync(state.ContainerId!, leaving).ConfigureAwait(false)));
                    break;
                case AttemptAction.Stop stop:
                    await HaltAsync(kill: false, state.ContainerId ?? Name, stop.Grace).ConfigureAwait(false);
                    break;
                case AttemptAction.Kill:
                    await HaltAsync(kill: true, state.ContainerId ?? Name, TimeSpan.Zero).ConfigureAwait(false);
                    break;
                case AttemptAction.Remove:
                    await RemoveAsync(state.ContainerId ?? Name).ConfigureAwait(false);
                    break;
                default:
                    throw new InvalidOperationException($"Nobody does {action}.");
            }
        }
        catch (RuntimeException refused)
        {
            NoteFailure(action, refused.Code, refused);
            post(new AttemptInput.RuntimeFailed(phase, refused.Code, refused.Message, refused.ContainerGone));
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested || preparation.IsCancellationRequested)
        {
            // Given up on purpose.
        }
        catch (Exception fault)
        {
            if (faults.MaySay())
            {
                RuntimeFault(fault, Runtime.Name, attempt.Intent.Input.Lease.Value);
            }

            var code = phase is AttemptPhase.Pulling or AttemptPhase.Creating && fault is not (TimeoutException or OperationCanceledException)
                ? ErrorCode.InternalError
                : ErrorCode.RuntimeUnavailable;
            NoteFailure(action, code, fault);
            post(new AttemptInput.RuntimeFailed(phase, code, $"The runtime {Runtime.Name} failed: {fault.Message}", Gone: false));
        }
    }

    private async Task<PulledImage> PullAsync()
    {
        if (attempt.ImageLook is { } look && await look.WaitAsync(preparation.Token).ConfigureAwait(false) is { } there)
        {
            return there;
        }

        return await Runtime.PullAsync(new(attempt.Spec.Image!, attempt.Spec.PullPolicy), preparation.Token).ConfigureAwait(false);
    }

    private async Task<string> CreateAsync(string? imageDigest)
    {
        var folder = attempt.Folder.FullPath;
        if (attempt.Spec.Image is not null)
        {
            OutcomeMessage.Prepare(folder);
        }

        var plan = ContainerPlans.Make(attempt.Spec, attempt.Intent.Input, Name, folder, parts.Worker, parts.Folder.Id, imageDigest);
        return await Runtime.CreateAsync(plan, preparation.Token).ConfigureAwait(false);
    }

    private async Task StartAsync(AttemptAction.Start start, string containerId)
    {
        if (BootTime.Now(parts.Clock) >= start.PermissionEnds)
        {
            // The machine stood still between the decision and here.
            throw new RuntimeException(ErrorCode.WorkerLost, "The permission to run the job ended before its start.");
        }

        if (unguarded)
        {
            throw new RuntimeException(ErrorCode.WorkerLost, AttemptReports.Unguarded().Message);
        }

        PostStarted(await Limited(StartLimit, limit => Runtime.StartAsync(containerId, Log, limit)).ConfigureAwait(false));
        parts.RuntimeTried(attempt.Intent.Runtime, null);
    }

    private void NoteFailure(AttemptAction action, ErrorCode code, Exception failure)
    {
        if (code == ErrorCode.RuntimeUnavailable && action is AttemptAction.Pull or AttemptAction.Create or AttemptAction.Start)
        {
            parts.RuntimeTried(attempt.Intent.Runtime, failure.Message);
        }
    }

    private void PostStarted(StartedContainer started)
    {
        var ago = parts.Clock.GetUtcNow() - started.StartedAt;
        var boot = BootTime.Now(parts.Clock) - (ago > TimeSpan.Zero ? ago : TimeSpan.Zero);
        post(new AttemptInput.Started(started.StartedAt, boot, started.ProcessId));
    }

    private async Task HaltAsync(bool kill, string container, TimeSpan grace)
    {
        try
        {
            await Limited(grace + RuntimeLimit, async limit =>
            {
                await Runtime.StopAsync(container, grace, limit).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
            post(new AttemptInput.Halted(kill, Done: true));
        }
        catch (Exception refused) when (refused is RuntimeException or TimeoutException)
        {
            HaltRefused(attempt.Intent.Input.Lease.Value, refused.Message);
            post(new AttemptInput.Halted(kill, Done: false));
        }
    }

    private async Task RemoveAsync(string container)
    {
        try
        {
            await Limited(RuntimeLimit, async limit =>
            {
                await Runtime.RemoveAsync(container, limit).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
            OnDisk(() => parts.Guard.Forget(attempt.Intent.Input.Lease));
            post(new AttemptInput.Removed(Gone: true));
        }
        catch (Exception refused) when (refused is RuntimeException or TimeoutException or IOException)
        {
            RemovalRefused(attempt.Intent.Input.Lease.Value, refused.Message);
            post(new AttemptInput.Removed(Gone: false));
        }
    }

    /// <summary>A call that gives up after a limit; what the runtime does of it is then not known.</summary>
    private async Task<T> Limited<T>(TimeSpan limit, Func<CancellationToken, Task<T>> call)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(leaving);
        try
        {
            return await call(ending.Token).WaitAsync(limit, parts.Clock, leaving).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await ending.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
