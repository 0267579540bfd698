using System.Globalization;

namespace Dispatch.Runtimes.Docker;

/// <summary>CPU time, peak memory and lack of memory of a container on this host, read from its cgroup while it runs: it goes with the container.</summary>
/// <remarks>The last reading is at most <see cref="Period"/> old. A container that ran shorter, or on another host, has none.</remarks>
internal sealed class CgroupUsage(string containerId, TimeProvider time)
{
    /// <summary>Time between two readings.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private const string Root = "/sys/fs/cgroup";
    private double? _cpuSeconds;
    private long? _peakMemoryBytes;
    private volatile bool _outOfMemory;
    private volatile IReadOnlyList<string>? _folders;

    /// <summary>What was read last.</summary>
    public (double? CpuSeconds, long? PeakMemoryBytes) Last => (_cpuSeconds, _peakMemoryBytes);

    /// <summary>Whether the kernel was seen to have killed for memory.</summary>
    public bool OutOfMemory => _outOfMemory;

    /// <summary>Reads once more, right after the container's streams were closed: its cgroup may still be there.</summary>
    public void ReadOnce()
    {
        if (_folders is { } folders)
            Read(folders);
    }

    /// <summary>Reads every period until cancelled.</summary>
    public async Task SampleAsync(int processId, CancellationToken cancellationToken)
    {
        if (Folders($"/proc/{processId}/cgroup") is not { } folders)
            return;
        _folders = folders;
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
                Read(folders);
        }
        catch (OperationCanceledException)
        {
            // The container has ended.
        }
    }

    private void Read(IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
        {
            if (Number(folder, "cpuacct.usage") is { } nanoseconds)
                _cpuSeconds = nanoseconds / 1e9;
            else if (Number(folder, "cpu.stat", "usage_usec ") is { } microseconds)
                _cpuSeconds = microseconds / 1e6;
            if ((Number(folder, "memory.max_usage_in_bytes") ?? Number(folder, "memory.peak")) is { } bytes)
                _peakMemoryBytes = bytes;
            if ((Number(folder, "memory.oom_control", "oom_kill ") ?? Number(folder, "memory.events", "oom_kill ")) > 0)
                _outOfMemory = true;
        }
    }

    /// <summary>The cgroup folders of the container's process; null where the process is not the container's (another host, or it has ended).</summary>
    private List<string>? Folders(string path)
    {
        var folders = new List<string>();
        foreach (var line in Lines(path))
        {
            // hierarchy:controllers:path, the controllers empty in version 2.
            var parts = line.Split(':', 3);
            if (parts.Length == 3 && parts[2].Contains(containerId, StringComparison.Ordinal))
                folders.AddRange(parts[1].Length == 0 ? [$"{Root}{parts[2]}"] : parts[1].Split(',').Select(controller => $"{Root}/{controller}{parts[2]}"));
        }

        return folders.Count > 0 ? folders : null;
    }

    private static long? Number(string folder, string file, string prefix = "")
    {
        var line = Lines(Path.Combine(folder, file)).FirstOrDefault(line => line.StartsWith(prefix, StringComparison.Ordinal));
        return line is not null && long.TryParse(line.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not this cgroup version, not this host, or the container has just ended.
            return [];
        }
    }
}
