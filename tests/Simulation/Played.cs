namespace Dispatch.Simulation;

/// <summary>Plays on a thread of its own: a test's synchronization context would let others in between two steps.</summary>
internal static class Played
{
    public static T OffTheTestsContext<T>(Func<T> play)
    {
        T result = default!;
        Exception? fault = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = play();
            }
            catch (Exception thrown)
            {
                fault = thrown;
            }
        }, 16 << 20);
        thread.Start();
        thread.Join();
        return fault is null ? result : throw new InvalidOperationException("The simulation itself failed.", fault);
    }
}
