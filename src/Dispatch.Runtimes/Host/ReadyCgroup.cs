using System.Runtime.ExceptionServices;

namespace Dispatch.Runtimes.Host;

/// <summary>A cgroup of version 1 made ahead, with a thread of this process inside that starts one process there and ends.</summary>
/// <remarks>Where no thread was moved for a while, the kernel takes 10 to 40 ms to move one: that is done here before anybody waits for it. A thread that ends inside needs no move out.</remarks>
internal sealed class ReadyCgroup
{
    /// <summary>The folders' name until an attempt takes them; no container can have it.</summary>
    internal const string Name = ".ready";

    private const int StackBytes = 256 << 10;

    private readonly object _gate = new();
    private readonly AttemptCgroup _cgroup;
    private Phase _phase = Phase.Entering;
    private Func<int>? _start;
    private int _pid;
    private ExceptionDispatchInfo? _fault;

    private ReadyCgroup(AttemptCgroup cgroup) => _cgroup = cgroup;

    private enum Phase
    {
        Entering,
        Inside,
        Asked,
        Ended,
    }

    /// <summary>Whether the thread is gone without a start: the reason may have passed since, and another is to be made.</summary>
    internal bool HasFailed => WaitFor(Phase.Entering) == Phase.Ended;

    /// <summary>Begins to make one ready; one at a time for each tree. Null where threads cannot be moved.</summary>
    internal static ReadyCgroup? Prepare(CgroupTree tree)
    {
        if (!tree.TakesThreads)
        {
            return null;
        }

        var ready = new ReadyCgroup(new AttemptCgroup(tree, Name));
        new Thread(ready.Run, StackBytes) { IsBackground = true, Name = "start" }.Start();
        return ready;
    }

    /// <summary>Gives it to an attempt, under whose name it goes on; false where the thread could not go in.</summary>
    internal bool TryGive(AttemptCgroup attempt)
    {
        var inside = WaitFor(Phase.Inside) == Phase.Inside;
        _fault?.Throw();
        if (inside)
        {
            _cgroup.Rename(attempt);
        }

        return inside;
    }

    /// <summary>Starts a process inside.</summary>
    /// <param name="start">Starts it and returns its id, 0 where it failed; runs on the thread inside.</param>
    /// <returns>The id, or 0: then the thread has left.</returns>
    internal int Start(Func<int> start)
    {
        Ask(start);
        _fault?.Throw();
        return _pid;
    }

    /// <summary>Takes the thread out where it has started nothing, and removes what has no attempt's name yet.</summary>
    internal void Close()
    {
        WaitFor(Phase.Inside);
        Ask(() => 0);
        _cgroup.TryRemove();
    }

    private void Run()
    {
        var pid = 0;
        ExceptionDispatchInfo? fault = null;
        try
        {
            _cgroup.Make();
            if (_cgroup.EnterThread())
            {
                pid = WaitForStart()();
            }
        }
#pragma warning disable CA1031 // Whoever asks for the start learns of it.
        catch (Exception error)
#pragma warning restore CA1031
        {
            fault = ExceptionDispatchInfo.Capture(error);
        }

        if (pid == 0)
        {
            _cgroup.LeaveThread();
        }

        lock (_gate)
        {
            (_pid, _fault, _phase) = (pid, fault, Phase.Ended);
            Monitor.PulseAll(_gate);
        }
    }

    private Func<int> WaitForStart()
    {
        lock (_gate)
        {
            _phase = Phase.Inside;
            Monitor.PulseAll(_gate);
            WaitFor(Phase.Asked);
            return _start!;
        }
    }

    private void Ask(Func<int> start)
    {
        lock (_gate)
        {
            if (_phase == Phase.Inside)
            {
                (_start, _phase) = (start, Phase.Asked);
                Monitor.PulseAll(_gate);
            }

            WaitFor(Phase.Ended);
        }
    }

    /// <summary>Waits, without spinning, until it is that far or over.</summary>
    private Phase WaitFor(Phase phase)
    {
        lock (_gate)
        {
            while (_phase < phase)
            {
                Monitor.Wait(_gate);
            }

            return _phase;
        }
    }
}
