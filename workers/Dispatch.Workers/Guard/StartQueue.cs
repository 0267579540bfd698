namespace Dispatch.Workers.Guard;

/// <summary>Starts that wait their turn, and the thread that carries them out one after the other. After each it makes ready what the next one needs.</summary>
internal sealed class StartQueue : IDisposable
{
    /// <summary>Most starts that wait at once; further ones are refused.</summary>
    internal const int WaitingMax = 1024;

    /// <summary>How long the end waits for a start that is under way.</summary>
    private static readonly TimeSpan StartEndsWithin = TimeSpan.FromSeconds(5);

    private readonly Queue<Action> _waiting = new();
    private readonly ProcessStarter _starter;
    private readonly Thread _thread;
    private bool _disposed;

    internal StartQueue(ProcessStarter starter)
    {
        _starter = starter;
        _thread = new Thread(Run, 256 << 10) { IsBackground = true, Name = "starts" };
        _thread.Start();
    }

    /// <summary>Makes ready what the first start needs.</summary>
    internal void Prepare() => TryAdd(() => { });

    /// <summary>Adds a start, which throws nothing; false where too many wait.</summary>
    internal bool TryAdd(Action start)
    {
        lock (_waiting)
        {
            if (_disposed || _waiting.Count == WaitingMax)
            {
                return false;
            }

            _waiting.Enqueue(start);
            Monitor.Pulse(_waiting);
            return true;
        }
    }

    /// <summary>Drops what waits, and takes back what was made ready.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _disposed = true;
            Monitor.Pulse(_waiting);
        }

        _thread.Join(StartEndsWithin);
    }

    private void Run()
    {
        while (Next() is { } start)
        {
            start();
            PrepareNext();
        }

        _starter.Close();
    }

    private void PrepareNext()
    {
        try
        {
            _starter.Prepare();
        }
        catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
        {
            // No room for one more thread now: the start that needs it tries again, and says so.
        }
    }

    /// <summary>Waits for the next start, and does not spin for it: the processor is the jobs'. Null at the end.</summary>
    private Action? Next()
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0 && !_disposed)
            {
                Monitor.Wait(_waiting);
            }

            return _disposed ? null : _waiting.Dequeue();
        }
    }
}
