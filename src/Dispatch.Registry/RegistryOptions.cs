namespace Dispatch.Registry;

/// <summary>The limits of a registry.</summary>
public sealed record RegistryOptions
{
    /// <summary>Most settled rows that are kept; the oldest go first. Default 10,000.</summary>
    public int SettledRowsMax { get; init; } = 10_000;

    /// <summary>How long a settled row is kept. Default 24 h.</summary>
    public TimeSpan SettledKept { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Most superseded leases whose size is remembered in case a worker still names them. Default 10,000.</summary>
    public int SpentLeasesMax { get; init; } = 10_000;

    /// <summary>Most workers. Default 10,000; those stopped or lost for longest make room for new ones.</summary>
    public int WorkersMax { get; init; } = 10_000;

    /// <summary>Most leases a worker may name in one call. Default 10,000.</summary>
    public int NamedLeasesMax { get; init; } = 10_000;

    /// <summary>Most rows one page of a list looks at; a page that ends there has a cursor. Default 10,000.</summary>
    public int ListScanMax { get; init; } = 10_000;
}
