namespace Dispatch.Simulation.Time;

/// <summary>Goes on after a task, on this thread and in order: nothing of a run is left to the platform's thread pool.</summary>
internal static class Once
{
    public static void Done<T>(World world, Task<T> task, Action<T?, Exception?> then)
    {
        if (task.IsCompleted) End(task);
        else task.ContinueWith(End, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        void End(Task<T> ended)
        {
            try
            {
                if (ended.IsCompletedSuccessfully) then(ended.Result, null);
                else then(default, ended.Exception?.InnerException ?? new OperationCanceledException());
            }
            catch (Exception fault)
            {
                // A task would swallow it.
                world.Fault(fault);
            }
        }
    }
}
