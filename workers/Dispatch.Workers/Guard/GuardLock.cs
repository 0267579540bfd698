using System.Globalization;
using System.Text;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;
using Microsoft.Win32.SafeHandles;

namespace Dispatch.Workers.Guard;

/// <summary>The lock of a data directory: whoever has it is its one guard. The file says who that is.</summary>
internal sealed class GuardLock : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _path;

    private GuardLock(SafeFileHandle file, string path) => (_file, _path) = (file, path);

    /// <summary>Whether the path still leads to the locked file: else the directory was taken away or replaced.</summary>
    internal bool IsOurs => Holder(_path) == ProcessIdentity.Of(Environment.ProcessId);

    /// <summary>Takes the lock; null while another guard has it.</summary>
    internal static GuardLock? TryTake(string dataDirectory)
    {
        var path = ProcessLayout.LockFile(dataDirectory);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = OwnFiles.OpenToLock(path);
        if (!OwnFiles.TryLock(file))
        {
            file.Dispose();
            return null;
        }

        var self = ProcessIdentity.Of(Environment.ProcessId)!.Value;
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{self.Pid} {self.StartTicks}\n")), 0);
        return new GuardLock(file, path);
    }

    /// <summary>Who last took the lock, or null.</summary>
    internal static ProcessIdentity? Holder(string path)
    {
        var fields = ProcFile.Read(path) is { } text ? Encoding.ASCII.GetString(text).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) : [];
        return fields.Length == 2 && int.TryParse(fields[0], CultureInfo.InvariantCulture, out var pid) && long.TryParse(fields[1], CultureInfo.InvariantCulture, out var ticks)
            ? new ProcessIdentity(pid, ticks)
            : null;
    }

    public void Dispose() => _file.Dispose();
}
