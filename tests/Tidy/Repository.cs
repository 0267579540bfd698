namespace Dispatch.Tidy.Tests;

/// <summary>The checkout that the tests look at.</summary>
internal static class Repository
{
    /// <summary>Its root: where the solution is.</summary>
    public static string Root { get; } = Find();

    /// <summary>Our own source files, relative paths, without what builds make.</summary>
    public static IReadOnlyList<string> Sources(params string[] folders) =>
    [
        .. folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Root, file))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj")),
    ];

    /// <summary>The text of a file.</summary>
    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Dispatch.sln")))
                return at.FullName;
        }

        throw new InvalidOperationException("Dispatch.sln is not above the tests' folder");
    }
}
