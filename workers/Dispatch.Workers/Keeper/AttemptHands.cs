using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Logs;
using Dispatch.Runtimes;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Logs;
using Dispatch.Workers.Plans;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Keeper;

/// <summary>Does what was decided for one attempt, and posts what came of it. Decides nothing.</summary>
internal sealed partial class AttemptHands : IAsyncDisposable
{
    /// <summary>How long a start may go unanswered before the runtime is asked what it has.</summary>
    internal static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(130);

    /// <summary>How long any other call of the runtime may take, a stop's grace not counted.</summary>
    internal static readonly TimeSpan RuntimeLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long a result waits for its output to be shipped.</summary>
    internal static readonly TimeSpan ShipLimit = TimeSpan.FromSeconds(3);

    /// <summary>How long one report may take.</summary>
    internal static readonly TimeSpan ReportLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan GuardLimit = TimeSpan.FromSeconds(5);

    private readonly KeptAttempt attempt;
    private readonly KeeperParts parts;
    private readonly Action<AttemptInput> post;
    private readonly CancellationToken leaving;
    private readonly CancellationTokenSource preparation;
    private readonly ILogger logger;
    private readonly LogKey key;
    private volatile ActivityToken token;
    private AttemptLog? log;

    internal AttemptHands(KeptAttempt attempt, KeeperParts parts, Action<AttemptInput> post, CancellationToken leaving)
    {
        this.attempt = attempt;
        this.parts = parts;
        this.post = post;
        this.leaving = leaving;
        logger = parts.Logger;
        token = attempt.Token;
        preparation = CancellationTokenSource.CreateLinkedTokenSource(leaving);
        var input = attempt.Intent.Input;
        key = new(input.Job, input.Conversation, input.Attempt);
    }

    private IContainerRuntime Runtime => attempt.Runtime;

    private string Name => attempt.Intent.ContainerName;

    private AttemptLog Log => log ??= new(attempt.Folder.LogFolder, key, parts.Logs, parts.CaptureBytesMax, parts.Clock, logger);

    /// <summary>Writes the token of a new delivery and speaks with it from now on.</summary>
    internal void TakeToken(ActivityToken taken)
    {
        attempt.Folder.WriteToken(taken);
        token = taken;
    }

    /// <summary>Does one action, or begins it where it takes time.</summary>
    internal void Do(AttemptAction action, AttemptState state)
    {
        switch (action)
        {
            case AttemptAction.WritePermission permission:
                OnDisk(() => parts.Guard.Permit(new(state.Facts.Lease, Runtime.Name, state.ContainerId ?? Name, state.ProcessId, permission.EndsAt)));
                break;
            case AttemptAction.Save save:
                OnDisk(() => attempt.Folder.WriteNotes(AttemptNotes.Of(state), save.Durable));
                break;
            case AttemptAction.CancelPreparation:
                preparation.Cancel();
                break;
            case AttemptAction.Forget forget:
                Launch(() => ForgetAsync(state, forget.Late));
                break;
            case AttemptAction.StoreReport store:
                Launch(() => StoreAsync(store.Report));
                break;
            case AttemptAction.Heartbeat heartbeat:
                Launch(() => HeartbeatAsync(heartbeat, state.Facts.Times.HeartbeatCall));
                break;
            case AttemptAction.SendReport send:
                Launch(async () => post(new AttemptInput.ReportAnswered(await parts.Reporter.ReportAsync(token, send.Report, ReportLimit, leaving).ConfigureAwait(false))));
                break;
            case AttemptAction.Return give:
                Launch(() => ReturnAsync(give.Report));
                break;
            case AttemptAction.AskGuard:
                Launch(AskGuardAsync);
                break;
            case AttemptAction.Collect:
                Launch(() => CollectAsync(state));
                break;
            default:
                Launch(() => AtRuntimeAsync(action, state));
                break;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref log, null) is { } present)
        {
            await present.DisposeAsync().ConfigureAwait(false);
        }

        preparation.Dispose();
    }

    private void Launch(Func<Task> work) => _ = Task.Run(async () =>
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // The worker leaves the attempt as it is.
        }
        catch (Exception fault)
        {
            ActionFailed(fault, attempt.Intent.Input.Lease.Value);
        }
    });

    /// <summary>A disk that refuses is said and lived with: the guard goes by what was written last.</summary>
    private void OnDisk(Action write)
    {
        try
        {
            write();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            DiskRefused(refused, attempt.Intent.Input.Lease.Value);
        }
    }

    private async Task AtRuntimeAsync(AttemptAction action, AttemptState state)
    {
        var phase = state.Phase;
        try
        {
            switch (action)
            {
                case AttemptAction.Pull:
                    var pulled = await Runtime.PullAsync(new(attempt.Spec.Image!, attempt.Spec.PullPolicy), preparation.Token).ConfigureAwait(false);
                    post(new AttemptInput.Pulled(pulled.Digest));
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
            post(new AttemptInput.RuntimeFailed(phase, refused.Code, refused.Message, refused.ContainerGone));
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested || preparation.IsCancellationRequested)
        {
            // Given up on purpose.
        }
        catch (Exception fault)
        {
            RuntimeFault(fault, Runtime.Name, attempt.Intent.Input.Lease.Value);
            var code = phase is AttemptPhase.Pulling or AttemptPhase.Creating && fault is not (TimeoutException or OperationCanceledException)
                ? ErrorCode.InternalError
                : ErrorCode.RuntimeUnavailable;
            post(new AttemptInput.RuntimeFailed(phase, code, $"The runtime {Runtime.Name} failed: {fault.Message}", Gone: false));
        }
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

        PostStarted(await Limited(StartLimit, limit => Runtime.StartAsync(containerId, Log, limit)).ConfigureAwait(false));
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

    private async Task HeartbeatAsync(AttemptAction.Heartbeat heartbeat, TimeSpan limit)
    {
        var sentAt = BootTime.Now(parts.Clock);
        var answer = await parts.Reporter.HeartbeatAsync(token, heartbeat.Statement, limit, leaving).ConfigureAwait(false);
        post(new AttemptInput.HeartbeatAnswered(sentAt, answer));
    }

    private async Task AskGuardAsync()
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(leaving);
            limit.CancelAfter(GuardLimit);
            await parts.Guard.EnsureRunningAsync(limit.Token).ConfigureAwait(false);
            post(new AttemptInput.GuardAnswered(Answers: true));
        }
        catch (Exception silent) when (silent is RuntimeException or IOException or OperationCanceledException && !leaving.IsCancellationRequested)
        {
            GuardSilent(attempt.Intent.Input.Lease.Value, silent.Message);
            post(new AttemptInput.GuardAnswered(Answers: false));
        }
    }

    private async Task CollectAsync(AttemptState state)
    {
        var message = await OutcomeMessage.ReadAsync(attempt.Folder.FullPath, attempt.Spec.Image is null, leaving).ConfigureAwait(false);
        await Log.CompleteAsync(ShipLimit).ConfigureAwait(false);
        post(new AttemptInput.Collected(message, Log.Reference(state.Facts.Attempt)));
    }

    private Task StoreAsync(AttemptReport report)
    {
        try
        {
            attempt.Folder.WriteReport(report);
            post(new AttemptInput.ReportStored(Stored: true));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            DiskRefused(refused, attempt.Intent.Input.Lease.Value);
            post(new AttemptInput.ReportStored(Stored: false));
        }

        return Task.CompletedTask;
    }

    private async Task ReturnAsync(AttemptReport report)
    {
        try
        {
            await parts.Registry.ReturnAsync(attempt.Intent.Input.Lease, report, leaving).ConfigureAwait(false);
            post(new AttemptInput.Returned(Accepted: true));
        }
        catch (DispatchException away)
        {
            RegistryAway(attempt.Intent.Input.Lease.Value, away.Message);
            post(new AttemptInput.Returned(Accepted: false));
        }
    }

    private async Task ForgetAsync(AttemptState state, bool late)
    {
        var shipped = log?.IsShipped ?? true;
        await DisposeAsync().ConfigureAwait(false);
        OnDisk(() => parts.Folder.Forget(attempt.Folder, state.Facts.Lease, key, shipped, late ? state.Report : null));
    }
}
