using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>The run deadline, and who has heard of it.</summary>
/// <remarks>
/// An extension is in force, and answered so, when the worker that has the attempt says that it took it, or when that attempt is over for certain: then the next one is sent with it.
/// Until then it is told with each delivery. A deadline that was extended holds for every later attempt, from the start of that attempt's container.
/// </remarks>
internal sealed partial class JobMachine
{
    private void Extend(string id, JobCommand.Extend extend)
    {
        if (at.Ending is { } ending)
        {
            Refuse(id, ErrorCode.AlreadyStopping, $"The job is being stopped ({ending.Message})");
            return;
        }

        var run = at.Extensions.Values.Select(pending => pending.Run).Append(at.Run).Max() + extend.By;
        if (run > JobLimits.RunMax)
        {
            Refuse(id, ErrorCode.InvalidJobSpec, $"by: the run deadline would be {DurationText.Format(run)}, the most is {DurationText.Format(JobLimits.RunMax)}; extend by less.");
            return;
        }

        at = at with { ExtensionsWait = patched(JobRevisions.Second) };
        if (at.Phase != JobPhase.Sent && !(at.ExtensionsWait && at.Current is { Answered: false, Over: false }))
        {
            at = at with { Run = run };
            Answer(id, applied: true, $"The run deadline is {DurationText.Format(run)} from the start.");
            return;
        }

        at = at with { Extensions = at.Extensions.SetItem(id, new(run)) };
        if (at.Phase == JobPhase.Sent) TellExtension(id);
    }

    private void TellExtension(string id)
    {
        var current = at.Current!;
        var pending = at.Extensions[id];
        at = at with { Extensions = at.Extensions.SetItem(id, pending with { Controls = pending.Controls + 1 }) };
        actions.Add(new JobAction.Control(
            JobNames.Extend,
            new ExtendInput { Lease = current.Lease, RunSeconds = pending.Run.TotalSeconds },
            current.Queue,
            Receipt(current.Profile),
            id));
    }

    // The longest stands for all: a delivery costs one control, however many wait.
    private void TellExtensions()
    {
        if (at.ExtensionsWait && at.Ending is null && !at.Extensions.IsEmpty)
            TellExtension(at.Extensions.OrderByDescending(pending => pending.Value.Run).ThenBy(pending => pending.Key, StringComparer.Ordinal).First().Key);
    }

    private void ExtensionTold(string id, PendingExtension pending, ErrorCode? refusal, string? message)
    {
        var left = pending with { Controls = pending.Controls - 1 };
        at = at with { Extensions = at.Extensions.SetItem(id, left) };
        if (refusal is null)
        {
            InForce(left.Run);
            return;
        }

        // It is told again with the next delivery, or goes with the next attempt: a worker that is ending this one says AlreadyStopping.
        if (left.Controls > 0 || at.Phase != JobPhase.Sent || refusal == ErrorCode.AlreadyStopping) return;
        if (refusal == ErrorCode.WorkerUnreachable) Locate(id);
        else RefuseUntold(refusal.Value, message ?? ErrorCatalogue.Of(refusal.Value).Title);
    }

    // A longer deadline in force is a shorter one too.
    private void InForce(TimeSpan run)
    {
        if (run > at.Run) at = at with { Run = run };
        foreach (var id in Waiting(pending => pending.Run <= run))
        {
            at = at with { Extensions = at.Extensions.Remove(id) };
            Answer(id, applied: true, $"The run deadline is {DurationText.Format(at.Run)} from the container's start.");
        }
    }

    private void RefuseUntold(ErrorCode code, string message)
    {
        foreach (var id in Waiting(pending => pending.Controls == 0))
        {
            at = at with { Extensions = at.Extensions.Remove(id) };
            Refuse(id, code, message);
        }
    }

    // Nothing of the attempt runs any more, and there is another one: it is sent with all that was asked for.
    private void SettleExtensions()
    {
        if (!at.ExtensionsWait || at.Extensions.IsEmpty) return;
        if (at.Ending is null) InForce(at.Extensions.Values.Max(pending => pending.Run));
        else
        {
            foreach (var id in Waiting(_ => true)) Refuse(id, ErrorCode.AlreadyStopping, $"The job is being stopped ({at.Ending.Message})");
            at = at with { Extensions = at.Extensions.Clear() };
        }
    }

    private List<string> Waiting(Func<PendingExtension, bool> which) =>
        [.. at.Extensions.Where(pending => which(pending.Value)).Select(pending => pending.Key).Order(StringComparer.Ordinal)];
}

/// <summary>A longer run deadline that was asked for and is not in force yet.</summary>
/// <param name="Run">The deadline.</param>
/// <param name="Controls">How many controls that carry it are under way.</param>
internal sealed record PendingExtension(TimeSpan Run, int Controls = 0);
