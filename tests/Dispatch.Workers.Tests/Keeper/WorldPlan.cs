using static Dispatch.Workers.Tests.Keeper.Attempts;

namespace Dispatch.Workers.Tests.Keeper;

/// <summary>What happens in a world.</summary>
internal sealed record WorldPlan
{
    internal TimeSpan Workload { get; init; } = Seconds(12);

    internal TimeSpan RunLimit { get; init; } = Seconds(1800);

    internal double PullSeconds { get; init; } = 2;

    internal double StartSeconds { get; init; } = 1;

    internal int? CrashAtStep { get; init; }

    internal double Downtime { get; init; } = 3;

    internal IReadOnlyList<(double From, double To)> RegistryAway { get; init; } = [];

    internal IReadOnlyList<(double From, double To)> TemporalAway { get; init; } = [];
}
