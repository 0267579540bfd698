using System.Reflection;

namespace Dispatch.Workers;

/// <summary>Facts of this build.</summary>
internal static class HostFacts
{
    /// <summary>The build's version.</summary>
    internal static string Version { get; } =
        typeof(HostFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
