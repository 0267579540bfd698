namespace Dispatch.Engine.History;

/// <summary>The named limits of histories, with the real server's defaults.</summary>
internal static class HistoryLimits
{
    public const int BlobBytesMax = 2 * 1024 * 1024;
    public const int BlobBytesWarn = 512 * 1024;
    public const int IdLengthMax = 1000;
    public const int HistoryEventsMax = 51_200;
    public const long HistoryBytesMax = 50L * 1024 * 1024;
    public const int HistoryEventsSuggest = 4_096;
    public const long HistoryBytesSuggest = 4L * 1024 * 1024;
    public const int PendingActivitiesMax = 2_000;
    public const int PendingChildrenMax = 2_000;
    public const int PendingSignalsMax = 2_000;
    public const int PendingCancelsMax = 2_000;
    public const int SignalsMax = 10_000;
    public const int UpdatesInFlightMax = 10;
    public const int UpdatesInFlightBytesMax = 20 * 1024 * 1024;
    public const int UpdatesMax = 2_000;
    public const int BufferedEventsMax = 100;
    public const int BufferedQueriesMax = 1;
    public const int RetryFailureBytesMax = 4 * 1024;
    public const int ResetPointsMax = 20;
    public const int DiscardableEventsMax = 10;

    /// <summary>Attempts of a workflow task after which queries and updates are refused.</summary>
    public const int FailingTaskAttempts = 3;

    /// <summary>Attempts of a workflow task after which lists show that the run has a problem.</summary>
    public const int ProblemAttempts = 5;

    public static readonly TimeSpan TaskTimeoutDefault = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan TaskTimeoutMax = TimeSpan.FromSeconds(120);
    public static readonly TimeSpan TaskHeartbeatMax = TimeSpan.FromMinutes(30);
    public static readonly TimeSpan SpeculativeScheduleToStart = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan TaskRetryFirst = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan TaskRetryMax = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan ContinueAsNewInterval = TimeSpan.FromSeconds(1);

    /// <summary>A run that a client deletes is still there for so long: deletion isn't awaited by anybody.</summary>
    public static readonly TimeSpan DeletionDelay = TimeSpan.FromSeconds(3);
}
