using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Logs;
using Dispatch.Runtimes;
using Dispatch.Runtimes.Host;
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
    private readonly SaidSeldom refusals;
    private readonly SaidSeldom faults;
    private volatile ActivityToken token;
    private volatile bool unguarded;
    private AttemptLog? log;

    internal AttemptHands(KeptAttempt attempt, KeeperParts parts, Action<AttemptInput> post, CancellationToken leaving)
    {
        this.attempt = attempt;
        this.parts = parts;
        this.post = post;
        this.leaving = leaving;
        logger = parts.Logger;
        refusals = new(parts.Clock);
        faults = new(parts.Clock);
        token = attempt.Token;
        preparation = CancellationTokenSource.CreateLinkedTokenSource(leaving);
        var input = attempt.Intent.Input;
        key = new(input.Job, input.Conversation, input.Attempt);
    }

    private IContainerRuntime Runtime => attempt.Runtime;

    private string Name => attempt.Intent.ContainerName;

    private AttemptLog Log => log ??= new(attempt.Folder.LogFolder, key, parts.Logs, parts.CaptureBytesMax, parts.Clock, logger);

    /// <summary>Speaks with the token of a new delivery from now on; where the disk does not take it, a worker started anew has the one before, by which it learns that its run goes on.</summary>
    internal void TakeToken(ActivityToken taken)
    {
        token = taken;
        OnDisk(() => attempt.Folder.WriteToken(taken));
    }

    /// <summary>Whether the disk took what was last to be written of the attempt.</summary>
    internal bool NotesKept { get; private set; } = true;

    /// <summary>Ends when the attempt's folder is gone; ended where it is not to go.</summary>
    internal Task Forgotten { get; private set; } = Task.CompletedTask;

    /// <summary>Does one action, or begins it where it takes time.</summary>
    internal void Do(AttemptAction action, AttemptState state)
    {
        switch (action)
        {
            case AttemptAction.WritePermission permission:
                Permit(new(state.Facts.Lease, attempt.Intent.Runtime, state.ContainerId ?? Name, state.ProcessId, permission.EndsAt));
                break;
            case AttemptAction.Save save:
                NotesKept = OnDisk(() => attempt.Folder.WriteNotes(AttemptNotes.Of(state), save.Durable));
                break;
            case AttemptAction.CancelPreparation:
                preparation.Cancel();
                break;
            case AttemptAction.Forget forget:
                Forgotten = Launch(() => ForgetAsync(state, forget.Late));
                break;
            case AttemptAction.StoreReport store:
                _ = Launch(() => StoreAsync(store.Report), new AttemptInput.ReportStored(Stored: false));
                break;
            case AttemptAction.Heartbeat heartbeat:
                _ = Launch(
                    () => HeartbeatAsync(heartbeat, state.Facts.Times.HeartbeatCall),
                    new AttemptInput.HeartbeatAnswered(BootTime.Now(parts.Clock), TemporalAnswer.NotAccepted));
                break;
            case AttemptAction.SendReport send:
                _ = Launch(() => ReportAsync(send.Report), new AttemptInput.ReportAnswered(TemporalAnswer.NotAccepted));
                break;
            case AttemptAction.Return give:
                _ = Launch(() => ReturnAsync(give.Report), new AttemptInput.Returned(Accepted: false));
                break;
            case AttemptAction.AskGuard:
                _ = Launch(AskGuardAsync, new AttemptInput.GuardAnswered(Answers: false));
                break;
            case AttemptAction.Collect:
                _ = Launch(() => CollectAsync(state), new AttemptInput.Collected(Message: null, Log: null));
                break;
            default:
                _ = Launch(() => AtRuntimeAsync(action, state));
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

    /// <summary>Begins what takes time; where it fails in a way that nobody foresaw, what is posted then lets it be tried again.</summary>
    private Task Launch(Func<Task> work, AttemptInput? onFault = null) => Task.Run(async () =>
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
            if (onFault is not null)
            {
                post(onFault);
            }
        }
    });

    /// <summary>Where the disk does not take it, the guard goes by what was written last: the keeper must know.</summary>
    private void Permit(ContainerPermission permission)
    {
        var taken = OnDisk(() => parts.Guard.Permit(permission));
        if (taken == unguarded)
        {
            unguarded = !taken;
            post(new AttemptInput.PermissionKept(taken));
        }
    }

    /// <summary>A disk that refuses is said and lived with.</summary>
    private bool OnDisk(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            parts.DiskRefused();
            if (refusals.MaySay())
            {
                DiskRefused(attempt.Intent.Input.Lease.Value, refused.Message);
            }

            return false;
        }
    }

    private async Task HeartbeatAsync(AttemptAction.Heartbeat heartbeat, TimeSpan limit)
    {
        var sentAt = BootTime.Now(parts.Clock);
        var answer = await parts.Reporter.HeartbeatAsync(token, heartbeat.Statement, limit, leaving).ConfigureAwait(false);
        post(new AttemptInput.HeartbeatAnswered(sentAt, answer));
    }

    private async Task ReportAsync(AttemptReport report) =>
        post(new AttemptInput.ReportAnswered(await parts.Reporter.ReportAsync(token, report, ReportLimit, leaving).ConfigureAwait(false)));

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
        post(new AttemptInput.ReportStored(OnDisk(() => attempt.Folder.WriteReport(report))));
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
        // What an earlier process captured may not have reached the store.
        var shipped = log?.IsShipped ?? !attempt.Folder.HasOutput;
        await DisposeAsync().ConfigureAwait(false);
        if (!OnDisk(() => parts.Folder.Forget(attempt.Folder, state.Facts.Lease, key, shipped, late ? state.Report : null)))
        {
            // What was to be kept aside goes too: a folder left here would fill the disk for good.
            OnDisk(() => TreeRemover.Remove(attempt.Folder.FullPath));
        }
    }
}
