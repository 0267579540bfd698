using System.Text;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;
using Dispatch.Workers.Plans;
using Temporalio.Activities;

namespace Dispatch.Workers;

/// <summary>The worker's activities: taking a job, and the controls of one that runs.</summary>
/// <param name="keeper">Has the attempts.</param>
/// <param name="host">Where the worker lives.</param>
/// <param name="profile">The times in force.</param>
/// <param name="admissions">What is admitted: by the pool, and by the worker itself.</param>
/// <param name="isDraining">Whether no new work is taken.</param>
internal sealed class JobActivities(JobKeeper keeper, WorkerHost host, TimeProfile profile, IReadOnlyList<Admission> admissions, Func<bool> isDraining)
{
    /// <summary>Takes a job: confirms, writes down what must not be forgotten, hands over to the keeper. Completes asynchronously.</summary>
    [Activity(JobNames.RunContainer)]
    public async Task<ContainerReport> RunContainerAsync(RunContainerInput input)
    {
        var context = ActivityExecutionContext.Current;
        var token = new ActivityToken
        {
            Token = context.Info.TaskToken,
            Delivery = input.Delivery,
            WorkflowId = context.Info.WorkflowId ?? input.Job.Value,
            RunId = context.Info.WorkflowRunId ?? input.Conversation.Value,
        };

        // Not cut short by a cancel or by the worker's end: each step is bounded, and half a hand-over helps nobody.
        await TakeAsync(input, token, context.Info.HeartbeatTimeout, CancellationToken.None).ConfigureAwait(false);
        throw new CompleteAsyncException();
    }

    /// <summary>Stops a running attempt; answers once the stop is under way. An attempt that is over needs none.</summary>
    [Activity(JobNames.Stop)]
    public void Stop(StopInput input) => keeper.Control(input.Lease, new AttemptInput.StopAsked(input.Now, EndCause.Stopped));

    /// <summary>Moves the run deadline of an attempt; an earlier one than is in force changes nothing. Answers once the deadline is in force, and on disk; of an attempt that is not here it waits for the delivery.</summary>
    [Activity(JobNames.Extend)]
    public async Task ExtendAsync(ExtendInput input)
    {
        var extended = new AttemptInput.Extended(TimeSpan.FromSeconds(input.RunSeconds));
        if (keeper.Find(input.Lease) is not { } attempt)
        {
            keeper.Control(input.Lease, extended);
            return;
        }

        if (DeliveryRules.OfExtension(await attempt.TellAsync(extended).ConfigureAwait(false)) is { } refusal)
        {
            throw ActivityFailures.Of(refusal);
        }
    }

    /// <summary>Takes a delivery; throws what Temporal is to be told where it does not.</summary>
    internal async Task TakeAsync(RunContainerInput input, ActivityToken token, TimeSpan? heartbeatTimeout, CancellationToken cancellationToken)
    {
        using var claim = await keeper.ClaimAsync(input.Lease, cancellationToken).ConfigureAwait(false);
        if (keeper.Find(input.Lease) is { } known)
        {
            await TakeOverAsync(known, input, token, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            claim.IsNamed = true;
            await BeginAsync(claim, input, token, heartbeatTimeout, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A further delivery of a lease the worker has: its token is the one to speak with; a confirm revives an expired lease.</summary>
    private async Task TakeOverAsync(AttemptKeeper known, RunContainerInput input, ActivityToken token, CancellationToken cancellationToken)
    {
        if (DeliveryRules.NeedsConfirm(known.State))
        {
            try
            {
                var (answer, sentAt) = await keeper.Parts.Registry.ConfirmAsync(input.Lease, cancellationToken).ConfigureAwait(false);
                if (DeliveryRules.OfKnown(input.Lease, answer) is { } refusal)
                {
                    known.Post(new AttemptInput.LeaseAnswered(sentAt, LeaseStanding.NotYours));
                    throw ActivityFailures.Of(refusal);
                }
            }
            catch (DispatchException away) when (away.Code == ErrorCode.RegistryUnavailable)
            {
                // Temporal speaks for the attempt; the registry is asked again by the next renewal.
            }
        }

        known.TakeToken(token);
        ApplyControls(known, input);
    }

    private async Task BeginAsync(LeaseClaim claim, RunContainerInput input, ActivityToken token, TimeSpan? heartbeatTimeout, CancellationToken cancellationToken)
    {
        var (answer, confirmedAt) = await ConfirmAsync(input, cancellationToken).ConfigureAwait(false);
        JobSpec spec;
        string runtime;
        try
        {
            spec = ReadSpec(answer.SpecJson ?? string.Empty);
            runtime = RuntimeOf(spec);
        }
        catch (DispatchException refused)
        {
            throw await RefuseAsync(claim, input, refused.Code, refused.Message, cancellationToken).ConfigureAwait(false);
        }

        AttemptKeeper known;
        try
        {
            known = Keep(input, token, answer.SpecJson!, spec, runtime, WitnessTimes.Of(profile, heartbeatTimeout), confirmedAt);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            keeper.Parts.DiskRefused();
            throw await RefuseAsync(claim, input, ErrorCode.RuntimeUnavailable, $"The worker's disk does not take the job: {refused.Message}", cancellationToken).ConfigureAwait(false);
        }

        ApplyControls(known, input);
        if (isDraining())
        {
            known.Post(new AttemptInput.StopAsked(Now: false, EndCause.Drained));
        }
    }

    private async Task<(ConfirmAnswer Answer, TimeSpan SentAt)> ConfirmAsync(RunContainerInput input, CancellationToken cancellationToken)
    {
        (ConfirmAnswer Answer, TimeSpan SentAt) confirmed;
        try
        {
            confirmed = await keeper.Parts.Registry.ConfirmAsync(input.Lease, cancellationToken).ConfigureAwait(false);
        }
        catch (DispatchException refused)
        {
            throw ActivityFailures.Of(DeliveryRules.NothingStarted(refused.Code, ErrorPhase.Send, refused.Message));
        }

        return DeliveryRules.OfNew(input.Lease, confirmed.Answer) is { } refusal ? throw ActivityFailures.Of(refusal) : confirmed;
    }

    private AttemptKeeper Keep(RunContainerInput input, ActivityToken token, string specJson, JobSpec spec, string runtime, WitnessTimes times, TimeSpan confirmedAt)
    {
        var parts = keeper.Parts;
        var (intent, state) = DeliveryRules.Begin(input, token, specJson, spec, runtime, times, host, confirmedAt, BootTime.Now(parts.Clock));
        var folder = parts.Folder.Attempt(input.Lease);
        var engine = parts.Runtimes[runtime];

        // Looking starts nothing, so it need not wait for the disk.
        var look = spec.Image is { } image ? engine.FindImageAsync(new(image, spec.PullPolicy), CancellationToken.None) : null;
        folder.Begin(intent);
        return keeper.Keep(new() { Folder = folder, Intent = intent, Spec = spec, Runtime = engine, Token = token, State = state, ImageLook = look });
    }

    /// <summary>Reads a spec as the registry has it.</summary>
    /// <exception cref="DispatchException"><see cref="ErrorCode.InvalidJobSpec"/>.</exception>
    internal static JobSpec ReadSpec(string json)
    {
        var reading = JobSpecReader.Read(Encoding.UTF8.GetBytes(json));
        return reading.Spec ?? throw new DispatchException(
            ErrorCode.InvalidJobSpec, "The worker cannot read the job's spec: " + string.Join(" ", reading.Errors.Select(error => $"{error.Field}: {error.Message}")));
    }

    private string RuntimeOf(JobSpec spec)
    {
        if (AdmissionCheck.Refusal(spec, admissions) is { } refusal)
        {
            throw new DispatchException(ErrorCode.NotAdmitted, refusal);
        }

        var names = spec.Image is null ? [WorkerRuntimes.Process] : WorkerRuntimes.OfImages;
        return names.FirstOrDefault(keeper.Parts.Runtimes.ContainsKey)
            ?? throw new DispatchException(
                ErrorCode.RuntimeUnavailable, $"The worker {keeper.Parts.Worker} has no runtime '{string.Join("' or '", names)}'; it has {string.Join(", ", keeper.Parts.Runtimes.Keys)}.");
    }

    /// <summary>Gives back what was confirmed and not begun.</summary>
    private async Task<Exception> RefuseAsync(LeaseClaim claim, RunContainerInput input, ErrorCode code, string message, CancellationToken cancellationToken)
    {
        var failure = DeliveryRules.NothingStarted(code, ErrorPhase.Create, message);
        claim.IsNamed = false;
        try
        {
            await keeper.Parts.Registry.ReturnAsync(input.Lease, new() { Failure = failure }, cancellationToken).ConfigureAwait(false);
        }
        catch (DispatchException away) when (away.Code == ErrorCode.RegistryUnavailable)
        {
            // The next renewal's answer names the lease as one that this worker does not know.
        }

        return ActivityFailures.Of(failure);
    }

    private static void ApplyControls(AttemptKeeper attempt, RunContainerInput input)
    {
        foreach (var control in DeliveryRules.Controls(input))
        {
            attempt.Post(control);
        }
    }
}
