namespace Dispatch.Cli;

/// <summary>How this executable starts itself again: for the guard, and for the workers of the demo.</summary>
internal static class SelfCommand
{
    private static readonly string Dll = Path.Combine(AppContext.BaseDirectory, "dispatch.dll");
    private static readonly string Host = Path.Combine(AppContext.BaseDirectory, "dispatch");

    /// <summary>The program: our own host beside the assembly, or <c>dotnet</c> where there is none.</summary>
    public static string FileName => File.Exists(Host) ? Host : "dotnet";

    /// <summary>The same as an absolute path.</summary>
    public static string Program => File.Exists(Host) ? Host : Environment.ProcessPath ?? FileName;

    /// <summary>What goes before the verb.</summary>
    public static IReadOnlyList<string> Arguments => File.Exists(Host) ? [] : [Dll];
}
