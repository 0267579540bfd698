using System.Text;
using static Dispatch.Runtimes.Host.LinuxNumbers;

namespace Dispatch.Runtimes.Host;

/// <summary>What the kernel has told of processes that it killed for want of memory.</summary>
internal static unsafe class KernelLog
{
    // What the kernel may be asked to hold; more of it is not read.
    private const int BytesMax = 16 << 20;

    /// <summary>Whether the kernel killed a process of a cgroup for want of memory, as far back as its log goes.</summary>
    /// <param name="cgroupPart">What only that cgroup's path contains.</param>
    /// <returns>False also where the log may not be read.</returns>
    internal static bool KilledForMemory(string cgroupPart) => KilledForMemory(Read(), Encoding.ASCII.GetBytes(cgroupPart));

    /// <summary>The same, of a text that was read.</summary>
    internal static bool KilledForMemory(ReadOnlySpan<byte> log, ReadOnlySpan<byte> cgroupPart)
    {
        foreach (var range in log.Split((byte)'\n'))
        {
            // …oom-kill:constraint=…,oom_memcg=/limit's/cgroup,task_memcg=/victim's/cgroup,task=…
            var line = log[range];
            if (line.IndexOf("oom-kill:"u8) < 0 || line.IndexOf(",task_memcg="u8) is var at && at < 0)
                continue;
            var victim = line[(at + 1)..];
            var end = victim.IndexOf((byte)',');
            if ((end < 0 ? victim : victim[..end]).IndexOf(cgroupPart) >= 0)
                return true;
        }

        return false;
    }

    private static byte[] Read()
    {
        var size = LibC.klogctl(SYSLOG_ACTION_SIZE_BUFFER, null, 0);
        if (size <= 0)
            return [];
        var buffer = new byte[Math.Min(size, BytesMax)];
        fixed (byte* start = buffer)
        {
            var read = LibC.klogctl(SYSLOG_ACTION_READ_ALL, start, buffer.Length);
            return read > 0 ? buffer[..read] : [];
        }
    }
}
