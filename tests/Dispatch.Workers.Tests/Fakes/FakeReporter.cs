using System.Collections.Concurrent;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;

namespace Dispatch.Workers.Tests.Fakes;

/// <summary>Temporal as it is told to be.</summary>
internal sealed class FakeReporter : IActivityReporter
{
    internal TemporalAnswer Answer { get; set; } = TemporalAnswer.Accepted;

    internal ConcurrentQueue<LeaseStatement> Heartbeats { get; } = new();

    internal ConcurrentQueue<(ActivityToken Token, AttemptReport Report)> Reports { get; } = new();

    public Task<TemporalAnswer> HeartbeatAsync(ActivityToken token, LeaseStatement statement, TimeSpan limit, CancellationToken cancellationToken)
    {
        Heartbeats.Enqueue(statement);
        return Task.FromResult(Answer);
    }

    public Task<TemporalAnswer> ReportAsync(ActivityToken token, AttemptReport report, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (Answer == TemporalAnswer.Accepted)
        {
            Reports.Enqueue((token, report));
        }

        return Task.FromResult(Answer);
    }
}
