using System.Text;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Placement.Queueing;
using Dispatch.Registry.Leases;
using Dispatch.Routing;

namespace Dispatch.Placement.Placing;

/// <summary>Reads what an ask wants, and whether its pool allows it.</summary>
internal sealed class AskReader(PoolQueues queues)
{
    /// <summary>Reads an ask.</summary>
    public AskReading Read(PlaceAsk ask)
    {
        var reading = JobSpecReader.Read(Encoding.UTF8.GetBytes(ask.SpecJson));
        if (reading.Spec is not { } spec) return AskReading.Refused(PlaceAnswers.Refused(ask.Attempt, ErrorCode.InvalidJobSpec, Text(reading.Errors)));
        if (queues.Find(spec.Pool) is not { } queue)
            return AskReading.Refused(PlaceAnswers.Refused(ask.Attempt, ErrorCode.InvalidJobSpec, Text(queues.Pools.Refusal(spec)!.Value.Errors)));

        var facts = JobFacts.Of(ask.Job, spec, ask.MemoryBytes);
        var added = queue.Router.ShapeOf(facts);
        var excluded = string.Join(',', ask.Excluded.Select(one => $"{one.Worker}:{one.Incarnation}:{one.Cause}").Order(StringComparer.Ordinal));
        var statement = new AskStatement(ask, facts, string.Join('|', facts.Shape(), excluded, added));
        return queues.Pools.Refusal(spec) is { } refusal
            ? new AskReading(queue, statement, PlaceAnswers.Refused(ask.Attempt, refusal.Code, $"Pool {spec.Pool} does not admit the job. {Text(refusal.Errors)}"))
            : new AskReading(queue, statement, null);
    }

    private static string Text(IReadOnlyList<SpecError> errors) =>
        string.Join(" ", errors.Select(error => (error.Field.Length == 0 ? error.Message : $"{error.Field}: {error.Message}").TrimEnd('.') + "."));
}

/// <summary>An ask as read.</summary>
/// <param name="Queue">The pool's queue; null where there is no such pool, or no spec.</param>
/// <param name="Statement">What the registry is asked.</param>
/// <param name="Refusal">Why the job may not be placed.</param>
internal sealed record AskReading(PoolQueue? Queue, AskStatement? Statement, PlaceAnswer? Refusal)
{
    public static AskReading Refused(PlaceAnswer refusal) => new(null, null, refusal);
}
