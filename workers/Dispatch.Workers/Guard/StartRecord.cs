using System.Globalization;
using System.Text;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>The line that a guard leaves on disk before it starts a process and completes after: by it a process is started once only, and found again when the guard died.</summary>
/// <param name="Name">The container's name.</param>
/// <param name="Folder">The attempt's process folder.</param>
/// <param name="BootId">The boot in which it was started.</param>
/// <param name="Start">How it started; null where the guard died in between.</param>
internal sealed record StartRecord(string Name, string Folder, string BootId, GuardStart? Start)
{
    private const string Version = "1";

    private static string File(string dataDirectory, string name) => Path.Combine(ProcessLayout.StartedFolder(dataDirectory), name);

    /// <summary>Writes the first part.</summary>
    internal static void Begin(string dataDirectory, string name, string folder, string bootId)
    {
        using var stream = new FileStream(File(dataDirectory, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1);
        stream.Write(Encoding.UTF8.GetBytes($"{Version}\n{folder}\n{bootId}\n"));
    }

    /// <summary>Writes the rest.</summary>
    internal static void Complete(string dataDirectory, string name, GuardStart start)
    {
        using var stream = new FileStream(File(dataDirectory, name), FileMode.Append, FileAccess.Write, FileShare.Read, 1);
        stream.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{start.ProcessId} {start.StartTicks} {start.StartedAt.UtcTicks}\n")));
    }

    internal static void Delete(string dataDirectory, string name) => System.IO.File.Delete(File(dataDirectory, name));

    /// <summary>All that is there.</summary>
    internal static IEnumerable<StartRecord> LoadAll(string dataDirectory) =>
        Directory.EnumerateFiles(ProcessLayout.StartedFolder(dataDirectory)).Select(Load).OfType<StartRecord>();

    private static StartRecord? Load(string file)
    {
        var lines = System.IO.File.ReadAllLines(file);
        if (lines.Length < 3 || lines[0] != Version)
        {
            return null;
        }

        var numbers = lines.Length > 3 ? lines[3].Split(' ') : [];
        var start = numbers.Length == 3
            ? new GuardStart(
                int.Parse(numbers[0], CultureInfo.InvariantCulture),
                long.Parse(numbers[1], CultureInfo.InvariantCulture),
                new DateTimeOffset(long.Parse(numbers[2], CultureInfo.InvariantCulture), TimeSpan.Zero),
                Now: false)
            : null;
        return new StartRecord(Path.GetFileName(file), lines[1], lines[2], start);
    }
}
