using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Host;
using Dispatch.Workers.Keeper;

namespace Dispatch.Workers;

/// <content>What an earlier process of the worker left.</content>
public sealed partial class WorkerService
{
    /// <summary>Goes on with every attempt on the disk. What there is of each its runtime tells when it can: to register, heartbeat and renew nobody waits for that.</summary>
    private void TakeUp()
    {
        foreach (var attempt in folder!.ReadAttempts())
        {
            try
            {
                var written = attempt.Read();
                if (written.Intent is null)
                {
                    TreeRemover.Remove(attempt.FullPath);
                }
                else if (Adoption.Read(attempt, written, JobActivities.ReadSpec, keeper!.Parts, host!.MachineId, host.BootId) is { } kept)
                {
                    keeper.Keep(kept);
                    TakenUp(kept.Intent.Input.Job.Value, kept.Intent.Input.Attempt);
                }
                else
                {
                    RuntimeGone(attempt.FullPath);
                }
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or DispatchException)
            {
                AttemptUnreadable(unreadable, attempt.FullPath);
            }
        }
    }
}
