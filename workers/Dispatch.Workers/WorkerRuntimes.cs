using Dispatch.Runtimes;
using Dispatch.Workers.Attempts;

namespace Dispatch.Workers;

/// <summary>The runtimes of a worker, and why others are not used.</summary>
/// <param name="Present">By name.</param>
/// <param name="Descriptions">What each said of itself, by name.</param>
/// <param name="Missing">Why a runtime is not used, by name.</param>
/// <param name="Silent">The answers still awaited of those that the worker goes by as an earlier process knew them, by name.</param>
internal sealed record WorkerRuntimes(
    IReadOnlyDictionary<string, IContainerRuntime> Present,
    IReadOnlyDictionary<string, RuntimeDescription> Descriptions,
    IReadOnlyDictionary<string, string> Missing,
    IReadOnlyDictionary<string, Task<RuntimeDescription>> Silent)
{
    /// <summary>The runtime of plain processes.</summary>
    internal const string Process = "process";

    /// <summary>The runtimes of images; a worker has at most one of them.</summary>
    internal static readonly IReadOnlyList<string> OfImages = ["docker", "podman"];

    /// <summary>How long a runtime may take. Podman looks up the packages of its helpers when it is asked, which takes seconds on a busy host.</summary>
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(15);

    /// <summary>How long one may take that is known from before: what runs in it needs its worker at the registry soon.</summary>
    private static readonly TimeSpan KnownLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>The runtimes' own ids, by name.</summary>
    internal IReadOnlyDictionary<string, string> Ids => Descriptions.ToDictionary(described => described.Key, described => described.Value.RuntimeId);

    /// <summary>What the next process of the worker may go by.</summary>
    internal IReadOnlyList<KnownRuntime> Known =>
        [.. Present.Where(one => one.Value.Endpoint is not null).Select(one => new KnownRuntime(one.Value.Endpoint!, one.Key, Descriptions[one.Key]))];

    /// <summary>Asks each runtime who it is. One that is known and does not say so at once is gone by as it was known.</summary>
    internal static async Task<WorkerRuntimes> ProbeAsync(
        IReadOnlyList<IContainerRuntime> candidates, IReadOnlyList<KnownRuntime> known, TimeProvider clock, CancellationToken cancellationToken)
    {
        var present = new Dictionary<string, IContainerRuntime>();
        var descriptions = new Dictionary<string, RuntimeDescription>();
        var missing = new Dictionary<string, string>();
        var silent = new Dictionary<string, Task<RuntimeDescription>>();
        var probes = candidates.Select(runtime => Ask(runtime, known.FirstOrDefault(one => one.IsAt(runtime)))).ToArray();
        foreach (var (runtime, before, answer, inTime) in probes)
        {
            try
            {
                var description = await inTime.ConfigureAwait(false);
                present[runtime.Name] = runtime;
                descriptions[runtime.Name] = description;
            }
            catch (Exception away) when (away is RuntimeException or TimeoutException or IOException)
            {
                if (before is null)
                {
                    missing[runtime.Name] = away is TimeoutException ? $"It has not said who it is within {ProbeLimit.TotalSeconds:0} s." : away.Message;
                }
                else
                {
                    present[before.Name] = runtime;
                    descriptions[before.Name] = before.Description;
                    silent[before.Name] = answer;
                }
            }
        }

        return new(present, descriptions, missing, silent);

        (IContainerRuntime Runtime, KnownRuntime? Before, Task<RuntimeDescription> Answer, Task<RuntimeDescription> InTime) Ask(IContainerRuntime runtime, KnownRuntime? before)
        {
            var answer = runtime.DescribeAsync(cancellationToken);
            return (runtime, before, answer, answer.WaitAsync(before is null ? ProbeLimit : KnownLimit, clock, cancellationToken));
        }
    }
}
