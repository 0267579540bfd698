using System.Collections.Frozen;

namespace Dispatch.Server;

/// <summary>The pools that a job may name.</summary>
/// <param name="names">Their names.</param>
public sealed class KnownPools(IEnumerable<string> names)
{
    private readonly FrozenSet<string> pools = names.ToFrozenSet();

    /// <summary>The names, sorted.</summary>
    public IReadOnlyList<string> Names => [.. pools.Order(StringComparer.Ordinal)];

    /// <summary>Whether there is a pool of this name.</summary>
    /// <param name="name">The name, exact.</param>
    /// <returns>True where there is.</returns>
    public bool Contains(string name) => pools.Contains(name);
}
