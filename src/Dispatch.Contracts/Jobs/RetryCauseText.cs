namespace Dispatch.Contracts.Jobs;

/// <summary>The names of the retry causes in JSON: <c>workerLost</c>, <c>outOfMemory</c> and so on.</summary>
public static class RetryCauseText
{
    private static readonly RetryCause[] Causes = Enum.GetValues<RetryCause>();

    /// <summary>All names, in the order of the causes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Causes.Select(NameOf)];

    /// <summary>A cause's name.</summary>
    /// <param name="cause">The cause.</param>
    /// <returns>Its camel-case name.</returns>
    public static string NameOf(RetryCause cause)
    {
        var name = cause.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    /// <summary>Reads a name.</summary>
    /// <param name="name">The name, exact.</param>
    /// <param name="cause">The cause.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? name, out RetryCause cause)
    {
        var index = Array.FindIndex(Causes, candidate => NameOf(candidate) == name);
        cause = index < 0 ? default : Causes[index];
        return index >= 0;
    }
}
