using CsCheck;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Routing.Policies;
using static Dispatch.Routing.Tests.Routing;

namespace Dispatch.Routing.Tests;

public sealed class RoutingPropertyTests
{
    private static readonly Gen<CandidateView> Workers =
        from id in Gen.Int[0, 99]
        from cpu in Gen.Long[0, 8]
        from used in Gen.Long[0, 8]
        from leases in Gen.Int[0, 4]
        from zone in Gen.Int[0, 3]
        from state in OneOf(WorkerState.Ready, WorkerState.Ready, WorkerState.Ready, WorkerState.Draining)
        from runtime in OneOf("process", "docker")
        from silent in Gen.Int[0, 9]
        select Worker($"w{id:00}", cpu, Math.Min(used, cpu), 4, leases, zone == 3 ? [] : [$"zone={zone}"], null, [runtime]) with { State = state, Silent = silent == 0 };

    private static readonly Gen<LabelConstraint> Constraints =
        from op in Gen.Enum<LabelOperator>()
        from value in Gen.Int[0, 2]
        select new LabelConstraint("zone", op, op == LabelOperator.Exists ? [] : [value.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

    private static readonly Gen<RoutingRequest> Requests =
        from workers in Workers.Array[0, 60]
        from cpu in Gen.Int[1, 6]
        from constraints in Constraints.Array[0, 2]
        from preference in Gen.Int[-100, 100]
        from pinned in Gen.Int[0, 20]
        from excluded in Gen.Int[0, 99].Array[0, 5]
        from seed in Gen.ULong
        from turn in Gen.Long[0, 1000]
        select Request(
            Job(cpu, constraints, [new LabelPreference(new LabelConstraint("zone", LabelOperator.Equal, ["1"]), preference)], pinned == 0 ? "w07" : null),
            [.. workers.DistinctBy(worker => worker.Worker).OrderBy(worker => worker.Worker.Value, StringComparer.Ordinal)]) with
        {
            Excluded = [.. excluded.Select(id => new ExcludedWorker(new WorkerId($"w{id:00}"), 1, id % 2 == 0 ? ExclusionCauses.Lost : "PullFailed"))],
            Seed = seed,
            Turn = turn,
        };

    private static readonly Gen<(RoutingRequest Request, string Policy)> Cases = Gen.Select(Requests, OneOf([.. RoutingPolicies.Names]));

    [Fact]
    public void No_policy_breaks_a_constraint_exceeds_capacity_or_leaves_the_pin() => Cases.Sample(one =>
    {
        var chosen = Route(one.Policy, one.Request).Chosen;
        if (chosen is null) return true;
        var job = one.Request.Job;
        return chosen is { State: WorkerState.Ready, Silent: false }
            && job.Constraints.All(rule => rule.Holds(chosen.Labels))
            && chosen.Free.CpuMilli >= job.Needs.CpuMilli && chosen.Free.Slots >= 1 && chosen.Free.MemoryBytes >= job.Needs.MemoryBytes
            && chosen.Runtimes.Contains("process")
            && (job.Pinned is null || job.Pinned == chosen.Worker);
    });

    [Fact]
    public void Every_candidate_is_chosen_refused_by_a_filter_or_scored() => Cases.Sample(one =>
    {
        var result = Route(one.Policy, one.Request);
        var told = result.Explanation!;
        Assert.Equal(one.Request.Candidates.Count, told.Considered);
        Assert.Equal(told.Considered, told.Candidates.Count + told.OthersScored + told.OthersRefusedBy.Values.Sum());
        Assert.InRange(told.Candidates.Count, 0, PlacementExplanation.CandidatesMax);
        Assert.Equal(told.Candidates.Count, told.Candidates.DistinctBy(verdict => verdict.Worker).Count());
        Assert.All(told.Candidates, verdict => Assert.True(verdict.RefusedBy is null ? verdict.Score is not null : verdict.Reason is { Length: > 0 } && verdict.Score is null));
        Assert.Equal(result.Chosen?.Worker, told.Chosen);
        if (result.Chosen is not null) Assert.Equal(result.Chosen.Worker, told.Candidates[0].Worker);
        if (told.Chosen is null) Assert.All(told.Candidates, verdict => Assert.NotNull(verdict.RefusedBy));
        Assert.NotEmpty(told.Summary);
    });

    [Fact]
    public void A_decision_is_the_same_each_time_with_or_without_explanation() => Cases.Sample(one =>
        ReferenceEquals(Route(one.Policy, one.Request).Chosen, Route(one.Policy, one.Request with { Explain = false }).Chosen));

    [Fact]
    public void Whoever_fits_is_found_by_every_policy() => Requests.Where(request => request.Job.Pinned is null && request.Excluded.Count == 0).Sample(request =>
    {
        var found = RoutingPolicies.Names.Where(policy => policy != "pinned").Select(policy => Route(policy, request).Chosen is not null).Distinct().ToArray();
        Assert.Single(found);
    });

    [Fact]
    public void Sums_and_differences_of_amounts_cancel_out() => Gen.Select(Amount, Amount).Sample((one, other) =>
        one.Plus(other).Minus(other).Key() == one.Plus(Zeros(other)).Key() && one.Plus(other).Covers(one));

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Gen<Amounts> Amount =>
        from cpu in Gen.Long[0, 1_000_000]
        from memory in Gen.Long[0, 1L << 40]
        from units in Gen.Dictionary(OneOf("a", "b", "c"), Gen.Long[0, 5000])[0, 3]
        select new Amounts { Slots = 1, CpuMilli = cpu, MemoryBytes = memory, Units = [.. units.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new UnitAmount(pair.Key, pair.Value))] };

    private static Amounts Zeros(Amounts of) => new() { Units = [.. of.Units.Select(unit => unit with { Milli = 0 })] };
}
