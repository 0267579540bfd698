using System.Collections.Frozen;

namespace Dispatch.Workers;

/// <summary>What a process that Dispatch starts for itself is given of its starter's environment: what is named here, and nothing else.</summary>
/// <remarks>A job may read the environment of its guard, so no token, password or proxy may get there.</remarks>
public static class ChildEnvironment
{
    /// <summary>The names.</summary>
    public static IReadOnlySet<string> Names { get; } = new[]
    {
        // The machine, and texts.
        "PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES",
        // Where a container runtime listens.
        "DOCKER_HOST", "XDG_RUNTIME_DIR",
        // Where .NET is and what it runs with.
        "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "DOTNET_EnableDiagnostics", "LD_LIBRARY_PATH",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What this process has of them.</summary>
    /// <returns>Names with values.</returns>
    public static Dictionary<string, string> Read() =>
        Names.Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name))).Where(entry => entry.Value is not null).ToDictionary(entry => entry.Name, entry => entry.Value!);
}
