using Dispatch.Runtimes;

namespace Dispatch.Workers;

/// <summary>The runtimes of a worker that answered at its start, and why others did not.</summary>
/// <param name="Present">By name.</param>
/// <param name="Ids">The runtimes' own ids, by name.</param>
/// <param name="Descriptions">What each said of itself, by name.</param>
/// <param name="Missing">Why a runtime is not used, by name.</param>
internal sealed record WorkerRuntimes(
    IReadOnlyDictionary<string, IContainerRuntime> Present,
    IReadOnlyDictionary<string, string> Ids,
    IReadOnlyDictionary<string, RuntimeDescription> Descriptions,
    IReadOnlyDictionary<string, string> Missing)
{
    /// <summary>The runtime of plain processes.</summary>
    internal const string Process = "process";

    /// <summary>The runtimes of images; a worker has at most one of them.</summary>
    internal static readonly IReadOnlyList<string> OfImages = ["docker", "podman"];

    /// <summary>How long a runtime may take. Podman looks up the packages of its helpers when it is asked, which takes seconds on a busy host.</summary>
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(15);

    /// <summary>Asks each runtime who it is.</summary>
    internal static async Task<WorkerRuntimes> ProbeAsync(IReadOnlyList<IContainerRuntime> candidates, TimeProvider clock, CancellationToken cancellationToken)
    {
        var present = new Dictionary<string, IContainerRuntime>();
        var ids = new Dictionary<string, string>();
        var descriptions = new Dictionary<string, RuntimeDescription>();
        var missing = new Dictionary<string, string>();
        var probes = candidates.Select(runtime => (Runtime: runtime, Answer: runtime.DescribeAsync(cancellationToken).WaitAsync(ProbeLimit, clock, cancellationToken))).ToArray();
        foreach (var (runtime, answer) in probes)
        {
            try
            {
                var description = await answer.ConfigureAwait(false);
                present[runtime.Name] = runtime;
                ids[runtime.Name] = description.RuntimeId;
                descriptions[runtime.Name] = description;
            }
            catch (Exception silent) when (silent is RuntimeException or TimeoutException or IOException)
            {
                missing[runtime.Name] = silent is TimeoutException ? $"It has not said who it is within {ProbeLimit.TotalSeconds:0} s." : silent.Message;
            }
        }

        return new(present, ids, descriptions, missing);
    }
}
