using System.Reflection;

namespace Dispatch.Contracts;

/// <summary>The version of this build.</summary>
public static class DispatchVersion
{
    /// <summary>Such as <c>0.1.0</c>; without the commit.</summary>
    public static string Current { get; } = Read(typeof(DispatchVersion).Assembly);

    private static string Read(Assembly assembly)
    {
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
        var plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? version : version[..plus];
    }
}
