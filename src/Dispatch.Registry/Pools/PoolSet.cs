using System.Collections.Frozen;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Registry.Pools;

/// <summary>The pools there are, by name.</summary>
public sealed class PoolSet
{
    private readonly FrozenDictionary<string, PoolOptions> byName;

    /// <summary>Makes the set; without any pool there is one with all defaults.</summary>
    /// <param name="pools">The pools.</param>
    /// <exception cref="ArgumentException">Two pools of one name.</exception>
    public PoolSet(IEnumerable<PoolOptions> pools)
    {
        ArgumentNullException.ThrowIfNull(pools);
        PoolOptions[] all = [.. pools];
        if (all.Length == 0) all = [new PoolOptions()];
        var twice = all.GroupBy(pool => pool.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) throw new ArgumentException($"Pool {twice.Key} is configured {twice.Count()} times; give each pool a name of its own.", nameof(pools));
        byName = all.ToFrozenDictionary(pool => pool.Name, StringComparer.Ordinal);
        All = [.. all.OrderBy(pool => pool.Name, StringComparer.Ordinal)];
    }

    /// <summary>All, by name in ordinal order.</summary>
    public IReadOnlyList<PoolOptions> All { get; }

    /// <summary>Their names as one text, for messages.</summary>
    public string Names => string.Join(", ", All.Select(pool => pool.Name));

    /// <summary>What the pool of a spec does not allow, or that there is no such pool.</summary>
    /// <param name="spec">The spec.</param>
    /// <returns>Code and all errors; null where the pool takes it.</returns>
    public (ErrorCode Code, IReadOnlyList<SpecError> Errors)? Refusal(JobSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (Find(spec.Pool) is not { } pool)
            return (ErrorCode.InvalidJobSpec, [new("pool", spec.Pool, $"there is no pool \"{spec.Pool}\"; there are: {Names}")]);
        var forbidden = pool.Admission.Check(spec);
        return forbidden.Count > 0 ? (ErrorCode.NotAdmitted, forbidden) : null;
    }

    /// <summary>The pool of a name.</summary>
    /// <param name="name">The name, exact.</param>
    /// <returns>The pool, or null.</returns>
    public PoolOptions? Find(string name) => byName.GetValueOrDefault(name);
}
