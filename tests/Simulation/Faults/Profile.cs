using Dispatch.Contracts;

namespace Dispatch.Simulation.Faults;

/// <summary>What may go wrong in a run, and how often.</summary>
internal sealed record Profile
{
    public string Name { get; init; } = "all";

    public TimeProfile[] Times { get; init; } = [TimeProfile.Fast];

    public int WorkersLeast { get; init; } = 1;

    public int WorkersMost { get; init; } = 3;

    public int JobsMost { get; init; } = 3;

    /// <summary>How long things go wrong; then all heals.</summary>
    public TimeSpan Horizon { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The most that a clock runs fast or slow.</summary>
    public double Drift { get; init; } = 0.01;

    /// <summary>What goes wrong; a kind named twice is twice as likely.</summary>
    public IReadOnlyList<FaultKind> Faults { get; init; } = [];

    public int FaultsMost { get; init; }

    /// <summary>The budgets of further attempts in the jobs' specs, as JSON; null is the defaults.</summary>
    public string? Retry { get; init; }

    /// <summary>How many of the jobs are plain processes.</summary>
    public double Processes { get; init; } = 0.4;

    /// <summary>Whether nudges arrive at all.</summary>
    public bool Nudges { get; init; } = true;

    /// <summary>Seconds that a fault lasts, at least and at most.</summary>
    public (double Least, double Most) Lasts { get; init; } = (0.3, 40);

    /// <summary>Seconds that a job runs, at least and at most.</summary>
    public (double Least, double Most) Runs { get; init; } = (0.5, 40);

    /// <summary>Of what a job runs, its deadline; null is none that matters.</summary>
    public double? Deadlines { get; init; }

    /// <summary>The most seconds that a runtime takes to say who it is, and what it has of an attempt, to a worker that is started anew.</summary>
    public double LooksMost { get; init; } = 0.05;

    /// <summary>Whether what goes wrong may kill nothing.</summary>
    public bool KillsNothing { get; init; }

    public static Profile None { get; } = new() { Name = "none" };

    /// <summary>Everything at once.</summary>
    public static Profile All { get; } = new() { Name = "all", Faults = Enum.GetValues<FaultKind>(), FaultsMost = 14, Times = [TimeProfile.Fast, TimeProfile.Fast, TimeProfile.Normal] };

    /// <summary>The registry alone, or Temporal alone, or a worker process for a moment: nothing is killed.</summary>
    public static Profile RegistryAlone { get; } = new() { Name = "registry alone", Faults = [FaultKind.RegistryCrash, FaultKind.RegistryOutage], FaultsMost = 4, KillsNothing = true, Runs = (5, 60) };

    public static Profile TemporalAlone { get; } = new() { Name = "temporal alone", Faults = [FaultKind.TemporalOutage], FaultsMost = 4, KillsNothing = true, Runs = (5, 60) };

    public static Profile WorkerAlone { get; } = new()
    {
        Name = "worker alone", Faults = [FaultKind.WorkerCrash], FaultsMost = 2, Lasts = (0.1, 2), KillsNothing = true, Runs = (5, 60), Drift = 0,
    };

    /// <summary>The same with a runtime that is slow while its worker is back: that delays what is known, and no lease.</summary>
    public static Profile SlowRuntime { get; } = WorkerAlone with { Name = "worker alone, runtime slow", LooksMost = 20 };

    public static Profile People { get; } = new()
    {
        Name = "people", FaultsMost = 10, Runs = (5, 40),
        Faults =
        [
            FaultKind.Terminate, FaultKind.TerminateAndAnew, FaultKind.Reset, FaultKind.Cancel, FaultKind.Stop, FaultKind.NudgeForged,
            FaultKind.CutWorkerRegistry, FaultKind.CutWorkerTemporal, FaultKind.HostCrash,
        ],
    };

    public static IReadOnlyList<Profile> Every { get; } =
    [
        All, All with { Name = "all, no nudges", Nudges = false }, All with { Name = "few", FaultsMost = 3 }, RegistryAlone, TemporalAlone, WorkerAlone, People,
        All with { Name = "one worker", WorkersMost = 1, FaultsMost = 8 }, None,
        All with { Name = "deadlines", Deadlines = 0.6, Faults = [.. All.Faults, .. Enumerable.Repeat(FaultKind.Extend, 13)] },
        SlowRuntime,
    ];

    /// <summary>The profile that a seed plays where none is asked for: a fifth of the seeds play the faults that show a rule's absence best.</summary>
    public static Profile Of(ulong seed) => (seed % 10) switch
    {
        0 => RegistryAlone,
        1 => TemporalAlone,
        2 => seed % 20 == 2 ? WorkerAlone : SlowRuntime,
        3 => People,
        4 => Every[1],
        5 => Every[2],
        6 => Every[7],
        7 or 8 => MutantCatalogue.Directed[(int)(((seed / 10 * 2) + (seed % 10) - 7) % (ulong)MutantCatalogue.Directed.Count)],
        9 => Every[9],
        _ => All,
    };
}

/// <summary>What may go wrong.</summary>
internal enum FaultKind
{
    HostCrash,
    HostFreeze,
    ServerCrash,
    RegistryCrash,
    RegistryOutage,
    TemporalOutage,
    WorkerCrash,
    GuardCrash,
    WorkerAndGuardCrash,
    CutWorkerRegistry,
    CutWorkerTemporal,
    CutWorker,
    CutHostRegistry,
    CutHostTemporal,
    CutServer,
    SlowLink,
    SlowWorkerLinks,
    BadWorkerRegistry,
    LateWorkerRegistry,
    BadHostRegistry,
    LossyLink,
    RepeatingLink,
    SlowDisk,
    FullDisk,
    SlowStart,
    RuntimeHangs,
    RuntimeFails,
    ClockJump,
    Freeze,
    Reboot,
    Twin,
    Drain,
    Terminate,
    TerminateAndAnew,
    Reset,
    Cancel,
    Stop,
    Extend,
    Pause,
    NudgeForged,
}
