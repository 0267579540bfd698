namespace Dispatch.Runtimes.Host;

/// <summary>Which machine this is, and which of its boots.</summary>
/// <param name="MachineId">The machine's id, 32 hex digits where the system has one, else the host's name.</param>
/// <param name="BootId">The id of this boot, a UUID in lower case.</param>
public sealed record HostIdentity(string MachineId, string BootId)
{
    /// <summary>Reads both from the system.</summary>
    /// <returns>This host.</returns>
    public static HostIdentity Read()
    {
        var machine = FirstLine("/etc/machine-id") ?? FirstLine("/var/lib/dbus/machine-id") ?? Environment.MachineName;
        var boot = FirstLine("/proc/sys/kernel/random/boot_id")
            ?? throw new InvalidOperationException("/proc/sys/kernel/random/boot_id cannot be read: /proc must be mounted.");
        return new HostIdentity(machine, boot);
    }

    private static string? FirstLine(string path)
    {
        try
        {
            var line = File.ReadAllText(path).Trim();
            return line.Length == 0 ? null : line;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
