using System.Globalization;
using System.Runtime.InteropServices;
using Dispatch.Contracts.Logs;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>Starts one process: record on disk, cgroup, pipes, then the start itself. Called on one thread only.</summary>
internal sealed class ProcessStarter(GuardOptions options, StartBook starts, OutputPump pump, CgroupTree cgroups, HostIdentity host)
{
    private ReadyCgroup? _ready;

    /// <summary>Begins to make ready what the next start needs.</summary>
    internal void Prepare() => _ready ??= ReadyCgroup.Prepare(cgroups);

    /// <summary>Takes back what was made ready.</summary>
    internal void Close() => _ready?.Close();

    /// <summary>Starts it.</summary>
    /// <param name="spawn">What to start.</param>
    /// <param name="gate">Held from the start until <paramref name="register"/> has returned.</param>
    /// <param name="register">Makes the process known.</param>
    internal GuardedProcess Start(GuardSpawn spawn, Lock gate, Action<GuardedProcess> register)
    {
        var permission = RequirePermission(spawn);
        starts.Begin(spawn.Name, spawn.Place, host.BootId);
        var folder = spawn.Place.Folder;
        var cgroup = cgroups.Attempt(spawn.Name);
        ReadyCgroup? ready = null;
        OutputPipe? stdout = null, stderr = null;
        var stdin = -1;
        try
        {
            var identity = Identity(spawn);
            stdin = OwnFiles.Open(File.Exists(ProcessLayout.Stdin(folder)) ? ProcessLayout.Stdin(folder) : "/dev/null", append: false);
            stdout = pump.Open(ProcessLayout.Output(folder, OutputStream.Stdout), identity);
            stderr = pump.Open(ProcessLayout.Output(folder, OutputStream.Stderr), identity);
            var request = new SpawnRequest
            {
                Program = spawn.Program,
                Arguments = spawn.Arguments,
                Environment = spawn.Environment,
                WorkingDirectory = spawn.WorkingDirectory,
                Stdin = stdin,
                Stdout = stdout.WriteEnd,
                Stderr = stderr.WriteEnd,
            };
            ready = TakeReady();
            Inhabit(cgroup, ready);
            cgroup?.Limit(spawn.MemoryBytes, spawn.PidsMax, spawn.CpuCores);
            GuardedProcess process;
            lock (gate)
            {
                // A slow disk, or a host that was frozen, may have held up what came before.
                RequireInForce(permission);
                var startedAt = options.Clock.GetUtcNow();
                var pid = Spawn(request, cgroup, ready, identity);
                var ticks = ProcessIdentity.Of(pid)?.StartTicks ?? 0;
                process = new GuardedProcess(spawn.Name, spawn.Place, new GuardStart(pid, ticks, startedAt, Now: true)) { Stdout = stdout, Stderr = stderr, Cgroup = cgroup };
                register(process);
                Note(process);
            }

            return process;
        }
        catch
        {
            stdout?.Finish();
            stderr?.Finish();
            ready?.Close();
            cgroup?.TryRemove();
            DeleteRecord(spawn.Name);
            throw;
        }
        finally
        {
            stdout?.CloseWriteEnd();
            stderr?.CloseWriteEnd();
            if (stdin >= 0)
            {
                OwnFiles.Close(stdin);
            }
        }
    }

    /// <summary>Under the lock, as the end is noted by whoever sees it, on the same file. It runs: that the disk did not take how it started is no refusal any more.</summary>
    private void Note(GuardedProcess process)
    {
        try
        {
            starts.Complete(process.Name, process.Start);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            GuardLog.StartNotWritten(options.Logger, process.Name, error);
        }
    }

    internal void DeleteRecord(string name)
    {
        try
        {
            starts.Remove(name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next guard finds it again, and the worker's sweep removes what has no lease.
            GuardLog.RemovalNotWritten(options.Logger, name, error);
        }
    }

    private ReadyCgroup? TakeReady()
    {
        if (_ready is { HasFailed: true })
        {
            _ready = null;
        }

        Prepare();
        var ready = _ready;
        _ready = null;
        return ready;
    }

    private static void Inhabit(AttemptCgroup? cgroup, ReadyCgroup? ready)
    {
        if (ready is null)
        {
            cgroup?.Make();
        }
        else if (!ready.TryGive(cgroup!))
        {
            throw new GuardRefusal(GuardRefusal.TooMany, "its cgroup takes no process.");
        }
    }

    private static int Spawn(SpawnRequest request, AttemptCgroup? cgroup, ReadyCgroup? ready, Credentials? identity)
    {
        var error = 0;
        var pid = ready is null ? StartHere() : ready.Start(StartHere);
        if (error != 0)
        {
            throw new GuardRefusal(error, Marshal.GetPInvokeErrorMessage(error));
        }

        cgroup?.Add(pid);
        return pid;

        int StartHere() => OpenFilesLimit.Start(() => identity is null ? SpawnNow() : identity.RunAs(SpawnNow), request.Stderr);

        int SpawnNow()
        {
            error = PosixSpawn.Start(request, out var started);
            return started;
        }
    }

    private static Credentials? Identity(GuardSpawn spawn)
    {
        var numbers = spawn.Identity.Select(text => uint.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return numbers.Length < 2 ? null : new Credentials(numbers[0], numbers[1], numbers[2..]);
    }

    /// <summary>Without a permission file (no keeper) nothing is refused; with one it must not have ended.</summary>
    private Permission? RequirePermission(GuardSpawn spawn)
    {
        var permission = PermissionFile.Read(Path.GetDirectoryName(spawn.Place.Folder)!);
        RequireInForce(permission);
        return permission;
    }

    private void RequireInForce(Permission? permission)
    {
        if (permission is not null && (permission.BootId != host.BootId || permission.EndsAtNanoseconds <= BootClock.Nanoseconds(options.Clock)))
        {
            throw new GuardRefusal(GuardRefusal.PermissionEnded, $"the permission of lease {permission.Lease} has ended.");
        }
    }
}
