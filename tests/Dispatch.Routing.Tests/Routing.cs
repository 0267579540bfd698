using System.Collections.Frozen;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Workers;
using Dispatch.Routing.Policies;

namespace Dispatch.Routing.Tests;

/// <summary>Short ways to say workers and jobs.</summary>
internal static class Routing
{
    public static CandidateView Worker(
        string id, long cpu = 4, long used = 0, long slots = 16, int leases = 0, string[]? labels = null, string[]? images = null, string[]? runtimes = null, long incarnation = 1)
    {
        var total = new Amounts { Slots = slots, CpuMilli = cpu * 1000, MemoryBytes = 4L << 30 };
        return new CandidateView
        {
            Worker = new WorkerId(id),
            Incarnation = incarnation,
            Pool = "default",
            State = WorkerState.Ready,
            Total = total,
            Free = total with { CpuMilli = (cpu - used) * 1000, Slots = slots - leases },
            Leases = leases,
            Labels = (labels ?? []).Select(text => text.Split('=')).ToFrozenDictionary(pair => pair[0], pair => pair[1]),
            Images = (images ?? []).ToFrozenSet(),
            Runtimes = [.. runtimes ?? ["process", "docker"]],
        };
    }

    public static LabelConstraint Constraint(string label, LabelOperator op, params string[] values) => new(label, op, values);

    public static JobFacts Job(decimal cpu = 1, LabelConstraint[]? constraints = null, LabelPreference[]? preferences = null, string? worker = null, string? image = null) => JobFacts.Of(
        new JobId("job"),
        new JobSpec
        {
            Process = image is null ? ["true"] : [],
            Image = image,
            Worker = worker,
            Resources = new Resources { Cpu = cpu, MemoryBytes = 1 << 20 },
            Constraints = constraints ?? [],
            Preferences = preferences ?? [],
        });

    public static RoutingRequest Request(JobFacts job, params CandidateView[] workers) => new() { Job = job, Candidates = workers, Explain = true };

    public static RoutingResult Route(string policy, RoutingRequest request) => RoutingPolicies.Create(policy)!.Route(request);

    public static string? Chosen(string policy, RoutingRequest request) => Route(policy, request).Chosen?.Worker.Value;
}
