using Dispatch.Contracts.Workers;
using Dispatch.Workers.Attempts;

namespace Dispatch.Workers.Keeper;

/// <summary>How the keeper speaks to Temporal for an activity that completes asynchronously. No call is repeated here; none throws for what Temporal answers.</summary>
internal interface IActivityReporter
{
    /// <summary>Heartbeats once.</summary>
    Task<TemporalAnswer> HeartbeatAsync(ActivityToken token, LeaseStatement statement, TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Completes or fails the activity.</summary>
    Task<TemporalAnswer> ReportAsync(ActivityToken token, AttemptReport report, TimeSpan limit, CancellationToken cancellationToken);
}
