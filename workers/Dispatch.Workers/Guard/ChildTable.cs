using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>The processes of this guard: starts them on one thread, reaps them on another.</summary>
/// <remarks>A child is registered under the same lock in which it is started, and noted as ended under it before it is reaped: its number is its own for as long as somebody may signal it.</remarks>
internal sealed class ChildTable : IDisposable
{
    /// <summary>Names remembered of processes that were forgotten before they were started; the oldest goes first.</summary>
    internal const int ForgottenMax = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, GuardedProcess> _byName = [];
    private readonly Dictionary<int, GuardedProcess> _byPid = [];
    private readonly Queue<string> _forgotten = new();
    private readonly StartQueue _starts;
    private readonly AutoResetEvent _hasChildren = new(false);
    private readonly ProcessStarter _starter;
    private readonly ProcessFinisher _finisher;
    private readonly TimeProvider _clock;
    private volatile bool _disposed;

    internal ChildTable(ProcessStarter starter, ProcessFinisher finisher, TimeProvider clock)
    {
        _starter = starter;
        _finisher = finisher;
        _clock = clock;
        _starts = new StartQueue(starter);
        new Thread(ReapLoop, 256 << 10) { IsBackground = true, Name = "ends" }.Start();
    }

    /// <summary>Those that run, or left something behind that does.</summary>
    internal IReadOnlyList<GuardedProcess> Running
    {
        get
        {
            lock (_gate)
            {
                return [.. _byName.Values.Where(process => process.Report is null)];
            }
        }
    }

    internal IReadOnlyList<GuardEntry> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _byName.Values.Select(process => process.Entry)];
            }
        }
    }

    /// <summary>Makes ready what the first start needs; not before what a dead guard left is removed.</summary>
    internal void Prepare() => _starts.Prepare();

    /// <summary>Tidies up what could not be at the end of a process.</summary>
    internal void Tidy() => _finisher.RemoveStale();

    /// <summary>Takes over what an earlier guard started; it has ended.</summary>
    internal void AddEnded(GuardedProcess process)
    {
        lock (_gate)
        {
            _byName[process.Name] = process;
        }
    }

    internal GuardedProcess? Find(string name)
    {
        lock (_gate)
        {
            return _byName.GetValueOrDefault(name);
        }
    }

    /// <summary>Whether this is a main process that has not been reaped.</summary>
    internal bool IsMain(int pid)
    {
        lock (_gate)
        {
            return _byPid.ContainsKey(pid);
        }
    }

    /// <summary>Starts a process, or answers how one of this name was started before.</summary>
    /// <exception cref="GuardRefusal">It was not started.</exception>
    internal Task<GuardStart> StartAsync(GuardSpawn spawn)
    {
        var answer = new TaskCompletionSource<GuardStart>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_starts.TryAdd(() => Start(spawn, answer)))
        {
            answer.SetException(new GuardRefusal(GuardRefusal.TooMany, $"The guard has {StartQueue.WaitingMax} starts waiting and takes no more now."));
        }

        return answer.Task;
    }

    /// <summary>Signals the main process; SIGKILL goes to its whole group and cgroup, and what else it left is killed once it has ended.</summary>
    internal bool Signal(string name, int signal)
    {
        lock (_gate)
        {
            if (_byName.GetValueOrDefault(name) is not { Report: null } process)
            {
                return false;
            }

            if (process.MainEnd is null)
            {
                _ = LibC.kill(process.Start.ProcessId, signal);
                if (signal == LinuxNumbers.SIGKILL)
                {
                    _ = LibC.kill(-process.Start.ProcessId, signal);
                    foreach (var member in process.Cgroup?.Members() ?? [])
                    {
                        _ = LibC.kill(member, signal);
                    }
                }
            }

            return true;
        }
    }

    /// <summary>Forgets a process that has ended; false while its main process has not.</summary>
    internal async Task<bool> ForgetAsync(string name)
    {
        if (Find(name) is { } process)
        {
            if (process.Report is null && process.MainEnd is null)
            {
                return false;
            }

            // Its report may be on disk, and known to the worker, a moment before it counts as ended here.
            await process.Ended.ConfigureAwait(false);
        }

        lock (_gate)
        {
            if (_byName.Remove(name))
            {
                _starter.DeleteRecord(name);
            }
            else if (!_forgotten.Contains(name))
            {
                // Its start may still wait its turn, asked for by a worker that has died since: it must not come after this.
                _forgotten.Enqueue(name);
                while (_forgotten.Count > ForgottenMax)
                {
                    _forgotten.Dequeue();
                }
            }

            return true;
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _hasChildren.Set();
        _starts.Dispose();
    }

    private void Start(GuardSpawn spawn, TaskCompletionSource<GuardStart> answer)
    {
        try
        {
            if (Find(spawn.Name) is { } known)
            {
                answer.SetResult(known.Start with { Now = false });
                return;
            }

            lock (_gate)
            {
                if (_forgotten.Contains(spawn.Name))
                {
                    throw new GuardRefusal(0, $"The process {spawn.Name} was given up before it was started.");
                }
            }

            var process = _starter.Start(spawn, _gate, started =>
            {
                _byName[started.Name] = started;
                _byPid[started.Start.ProcessId] = started;
            });
            _hasChildren.Set();
            answer.SetResult(process.Start);
        }
        catch (GuardRefusal refusal)
        {
            answer.SetException(refusal);
        }
#pragma warning disable CA1031 // Whatever one start meets, the thread goes on to the next, and the asker learns of it.
        catch (Exception error)
#pragma warning restore CA1031
        {
            answer.SetException(new GuardRefusal(0, error.Message));
        }
    }

    private void ReapLoop()
    {
        while (!_disposed)
        {
            var pid = ChildWait.NextEnded();
            if (pid == 0)
            {
                _hasChildren.WaitOne();
                continue;
            }

            GuardedProcess? process;
            lock (_gate)
            {
                var end = ChildWait.Reap(pid);
                if (_byPid.Remove(pid, out process))
                {
                    process.MainEnd = end;
                    process.FinishedAt = _clock.GetUtcNow();
                }
            }

            if (process is not null)
            {
                _finisher.Finish(process, this);
            }
        }
    }
}
