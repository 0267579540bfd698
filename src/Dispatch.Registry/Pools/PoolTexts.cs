using System.Globalization;
using Dispatch.Contracts;

namespace Dispatch.Registry.Pools;

/// <summary>The options of a pool as texts, by name: what the processes of one registry compare, and what messages show. Named as the options of the roles where there are such.</summary>
internal static class PoolTexts
{
    private const string Times = "times of the profile";
    private const string Profile = "profile";

    /// <summary>All options of a pool.</summary>
    public static IReadOnlyDictionary<string, string> Of(PoolOptions pool) => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["router"] = pool.Router,
        ["filters"] = List(pool.Filters),
        ["scorers"] = List(pool.Scorers.Select(scorer => $"{scorer.Key}={scorer.Value.ToString("R", CultureInfo.InvariantCulture)}")),
        [Profile] = pool.Profile.Name,
        [Times] = Of(pool.Profile),
        ["allow-process"] = YesNo(pool.Admission.AllowProcess),
        ["allow-image"] = YesNo(pool.Admission.AllowImage),
        ["images"] = List(pool.Admission.Images),
        ["allow-capability"] = List(pool.Admission.Capabilities),
        ["allow-mount"] = List(pool.Admission.Mounts),
        ["allow-host-network"] = YesNo(pool.Admission.AllowHostNetwork),
        ["cpu-max"] = pool.Admission.CpuMax?.ToString(CultureInfo.InvariantCulture) ?? "none",
        ["memory-max"] = pool.Admission.MemoryBytesMax?.ToString(CultureInfo.InvariantCulture) ?? "none",
        ["no-eligible"] = pool.NoEligible.ToString(),
        ["reserve-after"] = Seconds(pool.ReserveAfter),
        ["waiting-max"] = pool.WaitingMax.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Compares what is recorded with what a process has.</summary>
    /// <param name="recorded">The options of each recorded pool. One that an older program did not know has its default.</param>
    /// <param name="pools">The process's pools.</param>
    /// <returns>What differs, by pool and option.</returns>
    public static IReadOnlyList<PoolDifference> Compare(IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> recorded, PoolSet pools)
    {
        var differences = new List<PoolDifference>();
        var defaults = Of(new PoolOptions());
        foreach (var name in recorded.Keys.Concat(pools.All.Select(pool => pool.Name)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var own = pools.Find(name) is { } pool ? Of(pool) : null;
            var there = recorded.GetValueOrDefault(name);
            if (own is null || there is null)
            {
                differences.Add(new(name, Option: null, there is null ? "no" : "yes", own is null ? "no" : "yes"));
                continue;
            }

            foreach (var option in own.Keys.Concat(there.Keys).Distinct(StringComparer.Ordinal))
            {
                var is1 = there.GetValueOrDefault(option) ?? defaults.GetValueOrDefault(option, "unknown");
                var is2 = own.GetValueOrDefault(option, "unknown");
                if (is1 != is2 && (option != Times || there.GetValueOrDefault(Profile) == own[Profile])) differences.Add(new(name, option, is1, is2));
            }
        }

        return differences;
    }

    private static string Of(TimeProfile profile) =>
        $"moved within {Seconds(profile.MovedWithin)}, heartbeat {Seconds(profile.HeartbeatTimeout)} every {Seconds(profile.HeartbeatEvery)}, receipt {Seconds(profile.Receipt)}, "
        + $"lease {Seconds(profile.Lease)} every {Seconds(profile.RenewEvery)}, kill budget {Seconds(profile.KillBudget)}";

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static string List(IEnumerable<string> values) => string.Join(", ", values.Order(StringComparer.Ordinal)) is { Length: > 0 } text ? text : "none";
}

/// <summary>An option of a pool that is recorded otherwise than a process has it.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Option">The option; null is the pool as a whole, which one of the two does not have.</param>
/// <param name="Recorded">As recorded.</param>
/// <param name="Own">As the process has it.</param>
internal sealed record PoolDifference(string Pool, string? Option, string Recorded, string Own)
{
    /// <summary>Whether times differ, by which workers live that have registered before.</summary>
    public bool ChangesTimes => Option is null or "profile" or "times of the profile";

    /// <summary>In words.</summary>
    public override string ToString() => Option is null
        ? Recorded == "yes" ? $"pool {Pool} is recorded and this process has none of that name" : $"pool {Pool} is not recorded and this process has one of that name"
        : $"pool {Pool}: {Option} is \"{Recorded}\" as recorded and \"{Own}\" in this process";
}
