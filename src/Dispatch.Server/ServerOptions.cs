namespace Dispatch.Server;

/// <summary>How a server serves.</summary>
public sealed record ServerOptions
{
    /// <summary>Whether jobs write search attributes, so that lists can be narrowed by them. Default yes.</summary>
    public bool SearchAttributes { get; init; } = true;
}
