using Dispatch.Runtimes.Process;
using Dispatch.Workers.Attempts;

namespace Dispatch.Workers.Guard;

/// <summary>What the guards of a data directory have started and nobody has removed yet. By it a process is started once only, found again when its guard died, and its end known to
/// whoever asks later. One file for all: each process adds lines, before its start, after it, at its end and when it is removed.</summary>
internal sealed class StartBook(string dataDirectory)
{
    private readonly Journal<Line> _journal = new(ProcessLayout.StartsFile(dataDirectory), Latest);

    /// <summary>Notes that a process is about to be started.</summary>
    internal void Begin(string name, GuardedPlace place, string bootId) => _journal.Append(new() { Name = name, Place = place, BootId = bootId }, durable: false);

    /// <summary>Notes how it started.</summary>
    internal void Complete(string name, GuardStart start) => _journal.Append(new() { Name = name, Start = start }, durable: false);

    /// <summary>Notes how it ended, and where no worker is connected so that it survives the machine: a connected worker makes its own report durable before it tells anyone.</summary>
    internal void End(string name, ExitReport report, bool durable) => _journal.Append(new() { Name = name, Report = report }, durable);

    /// <summary>Notes that nobody will ask for it again.</summary>
    internal void Remove(string name) => _journal.Append(new() { Name = name, Removed = true }, durable: false);

    /// <summary>All that is there.</summary>
    internal IReadOnlyList<StartRecord> Read() => [.. Latest(_journal.Read()).Select(line => new StartRecord(line.Name, line.Place!, line.BootId!, line.Start, line.Report))];

    /// <summary>One line for each process that was not removed, with what was noted of it since it was last begun.</summary>
    private static Line[] Latest(IEnumerable<Line> lines)
    {
        var latest = new Dictionary<string, Line>();
        foreach (var line in lines)
        {
            if (line.Place is not null)
            {
                latest[line.Name] = line;
            }
            else if (line.Removed)
            {
                latest.Remove(line.Name);
            }
            else if (latest.TryGetValue(line.Name, out var before))
            {
                latest[line.Name] = before with { Start = line.Start ?? before.Start, Report = line.Report ?? before.Report };
            }
        }

        return [.. latest.Values];
    }

    /// <summary>What does not change is null.</summary>
    private sealed record Line
    {
        public required string Name { get; init; }

        public GuardedPlace? Place { get; init; }

        public string? BootId { get; init; }

        public GuardStart? Start { get; init; }

        public ExitReport? Report { get; init; }

        public bool Removed { get; init; }
    }
}

/// <summary>What a guard has noted of one process.</summary>
/// <param name="Name">The container's name.</param>
/// <param name="Place">Where it belongs.</param>
/// <param name="BootId">The boot in which it was started.</param>
/// <param name="Start">How it started; null where the guard died in between.</param>
/// <param name="Report">How it ended; null where no guard has seen that.</param>
internal sealed record StartRecord(string Name, GuardedPlace Place, string BootId, GuardStart? Start, ExitReport? Report);
