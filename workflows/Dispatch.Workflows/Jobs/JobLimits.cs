namespace Dispatch.Workflows.Jobs;

/// <summary>What a job may use up. Together they keep its history under the 51,200 events that the server allows.</summary>
internal static class JobLimits
{
    /// <summary>Most attempts of a job.</summary>
    public const int AttemptsMax = 50;

    /// <summary>Most commands a job takes.</summary>
    public const int CommandsMax = 200;

    /// <summary>Distinct workers that may die under a job before it is poisoned.</summary>
    public const int DeadWorkersMax = 3;

    /// <summary>Asks after which pauses between further ones are at least <see cref="SparsePause"/>.</summary>
    public const int BriskAsksMax = 500;

    /// <summary>Asks that nudges may cause; later nudges are heard by the next timer.</summary>
    public const int NudgedAsksMax = 1_000;

    /// <summary>Most asks of a job; one that is nowhere after them is closed.</summary>
    public const int AsksMax = 3_000;

    /// <summary>Characters of a message in an operation.</summary>
    public const int OperationTextMax = 120;

    /// <summary>Characters of an attempt's message in the report.</summary>
    public const int SummaryTextMax = 300;

    /// <summary>Characters of the report's message.</summary>
    public const int ReportTextMax = 2_000;

    /// <summary>The least pause between asks once a job has asked very often.</summary>
    public static readonly TimeSpan SparsePause = TimeSpan.FromHours(1);

    /// <summary>A waiting job asks by itself after this, doubling.</summary>
    public static readonly TimeSpan WaitingPause = TimeSpan.FromMinutes(1);

    /// <summary>Longest pause of a waiting job between asks.</summary>
    public static readonly TimeSpan WaitingPauseMax = TimeSpan.FromHours(1);

    /// <summary>First pause while the registry does not answer, doubling.</summary>
    public static readonly TimeSpan UnavailablePause = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause while the registry does not answer.</summary>
    public static readonly TimeSpan UnavailablePauseMax = TimeSpan.FromSeconds(60);

    /// <summary>Longest pause before a message is sent again.</summary>
    public static readonly TimeSpan ResendPauseMax = TimeSpan.FromMinutes(5);

    /// <summary>The longest run deadline: that of <c>RunContainer</c> itself.</summary>
    public static readonly TimeSpan RunMax = TimeSpan.FromDays(365);
}
