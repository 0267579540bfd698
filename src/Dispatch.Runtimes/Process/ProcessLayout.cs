namespace Dispatch.Runtimes.Process;

/// <summary>Where the files of plain processes are.</summary>
public static class ProcessLayout
{
    /// <summary>The name of the environment entry that every process of an attempt bears, with the container's name as value.</summary>
    public const string ContainerVariable = "DISPATCH_CONTAINER";

    private const string Work = "work", Temporary = "tmp";

    /// <summary>The names of the folders in <see cref="Folder"/>.</summary>
    internal static readonly string[] Inner = [Work, Temporary];

    /// <summary>The folder of one attempt that the process runtime makes and removes.</summary>
    /// <param name="attemptDirectory">The attempt's own folder.</param>
    /// <returns>An absolute path.</returns>
    public static string Folder(string attemptDirectory) => Path.Combine(Path.GetFullPath(attemptDirectory), "process");

    /// <summary>The file that the workload may write its outcome message to; it reads the path from <c>DISPATCH_OUTCOME</c>. Read it before the container is removed.</summary>
    /// <param name="attemptDirectory">The attempt's own folder.</param>
    /// <returns>An absolute path.</returns>
    public static string OutcomeFile(string attemptDirectory) => Path.Combine(Folder(attemptDirectory), "outcome");

    /// <summary>Where a process starts and what its HOME is, unless the plan says otherwise.</summary>
    /// <param name="attemptDirectory">The attempt's own folder.</param>
    /// <returns>An absolute path.</returns>
    public static string WorkFolder(string attemptDirectory) => Path.Combine(Folder(attemptDirectory), Work);

    internal static string TemporaryFolder(string folder) => Path.Combine(folder, Temporary);

    internal static string Stdin(string folder) => Path.Combine(folder, "stdin");

    internal static string Output(string folder, OutputStream stream) => Path.Combine(folder, stream == OutputStream.Stdout ? "stdout" : "stderr");

    /// <summary>The files that may be in <see cref="Folder"/>.</summary>
    internal static IEnumerable<string> Files(string folder) =>
        ((string[])["stdin", "stdout", "stderr", "outcome"]).Select(name => Path.Combine(folder, name));

    /// <summary>The guard's own folder below the worker's data directory.</summary>
    internal static string GuardFolder(string dataDirectory) => Path.Combine(Path.GetFullPath(dataDirectory), "guard");

    internal static string Socket(string dataDirectory) => Path.Combine(GuardFolder(dataDirectory), "socket");

    internal static string LockFile(string dataDirectory) => Path.Combine(GuardFolder(dataDirectory), "lock");

    internal static string LogFile(string dataDirectory) => Path.Combine(GuardFolder(dataDirectory), "log");

    /// <summary>What the guards of this directory have started, and how it ended.</summary>
    internal static string StartsFile(string dataDirectory) => Path.Combine(GuardFolder(dataDirectory), "starts.jsonl");

    /// <summary>Where folders of ended processes wait for the next.</summary>
    internal static string SpareFolder(string dataDirectory) => Path.Combine(Path.GetFullPath(dataDirectory), "spare");
}
