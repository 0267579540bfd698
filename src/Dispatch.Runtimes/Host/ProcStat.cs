using System.Globalization;
using System.Text;

namespace Dispatch.Runtimes.Host;

/// <summary>What <c>/proc/PID/stat</c> says of a process, as far as it is needed.</summary>
internal readonly record struct ProcStat(int Pid, char State, int Parent, int Group, int Session, long StartTicks)
{
    internal bool HasEnded => State is 'Z' or 'X';

    internal static ProcStat? Read(int pid) => ProcFile.Read($"/proc/{pid}/stat") is { } bytes ? Parse(pid, bytes) : null;

    /// <summary>Parses the line: the command's name stands in brackets and may itself have brackets and blanks.</summary>
    internal static ProcStat? Parse(int pid, ReadOnlySpan<byte> line)
    {
        var close = line.LastIndexOf((byte)')');
        if (close < 0 || close + 2 >= line.Length)
        {
            return null;
        }

        Span<Range> fields = stackalloc Range[21];
        var rest = Encoding.ASCII.GetString(line[(close + 2)..]).AsSpan();
        var count = rest.Split(fields, ' ');
        if (count < 21)
        {
            return null;
        }

        return new ProcStat(
            pid,
            rest[fields[0]][0],
            Number(rest[fields[1]]),
            Number(rest[fields[2]]),
            Number(rest[fields[3]]),
            long.Parse(rest[fields[19]], CultureInfo.InvariantCulture));
    }

    private static int Number(ReadOnlySpan<char> text) => int.Parse(text, CultureInfo.InvariantCulture);
}
