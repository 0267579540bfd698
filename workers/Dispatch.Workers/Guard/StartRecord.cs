using System.Globalization;
using System.Text;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>The file that a guard leaves on disk before it starts a process, and that it writes on after the start and at the end: by it a process is started once only, found again
/// when the guard died, and its end known to whoever asks later.</summary>
/// <param name="Name">The container's name.</param>
/// <param name="Folder">The attempt's process folder.</param>
/// <param name="BootId">The boot in which it was started.</param>
/// <param name="Start">How it started; null where the guard died in between.</param>
internal sealed record StartRecord(string Name, string Folder, string BootId, GuardStart? Start)
{
    private const string Version = "1";

    /// <summary>Writes the first part.</summary>
    internal static void Begin(string dataDirectory, string name, string folder, string bootId)
    {
        using var stream = new FileStream(ProcessLayout.StartedFile(dataDirectory, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1);
        stream.Write(Encoding.UTF8.GetBytes($"{Version}\n{folder}\n{bootId}\n"));
    }

    /// <summary>Writes how it started.</summary>
    internal static void Complete(string dataDirectory, string name, GuardStart start)
    {
        using var stream = Append(dataDirectory, name);
        stream.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{start.ProcessId} {start.StartTicks} {start.StartedAt.UtcTicks}\n")));
    }

    /// <summary>Writes how it ended, and where no worker is connected so that it survives the machine: a connected worker makes its own report durable before it tells anyone.
    /// A reader that finds half of it finds none (see <see cref="ExitReport.FromFile"/>).</summary>
    internal static void End(string dataDirectory, string name, ExitReport report, bool durable)
    {
        using var stream = Append(dataDirectory, name);
        stream.Write([.. "\n"u8, .. report.ToJson(), .. "\n"u8]);
        stream.Flush(flushToDisk: durable);
    }

    internal static void Delete(string dataDirectory, string name) => File.Delete(ProcessLayout.StartedFile(dataDirectory, name));

    /// <summary>All that is there.</summary>
    internal static IEnumerable<StartRecord> LoadAll(string dataDirectory) =>
        Directory.EnumerateFiles(ProcessLayout.StartedFolder(dataDirectory)).Select(Load).OfType<StartRecord>();

    private static FileStream Append(string dataDirectory, string name) =>
        new(ProcessLayout.StartedFile(dataDirectory, name), FileMode.Append, FileAccess.Write, FileShare.Read, 1);

    private static StartRecord? Load(string file)
    {
        var lines = File.ReadAllLines(file);
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
