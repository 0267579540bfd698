using System.Collections.Immutable;

namespace Dispatch.Routing;

/// <summary>Which runtimes run what.</summary>
public static class RuntimeNames
{
    /// <summary>Docker.</summary>
    public const string Docker = "docker";

    /// <summary>Podman.</summary>
    public const string Podman = "podman";

    /// <summary>Plain processes.</summary>
    public const string Process = "process";

    /// <summary>Those that run images.</summary>
    public static ImmutableArray<string> ForImages { get; } = [Docker, Podman];

    /// <summary>Those that run plain processes.</summary>
    public static ImmutableArray<string> ForProcesses { get; } = [Process];
}
