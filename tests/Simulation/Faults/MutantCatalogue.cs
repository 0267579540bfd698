using Dispatch.Registry;

namespace Dispatch.Simulation.Faults;

/// <summary>One rule switched off, the faults that show it, and what shows.</summary>
internal sealed record MutantEntry(string Rule, Func<Mutant> Make, Profile Profile, string[] Shows, ulong First = 1);

/// <summary>The rows of the hand-over's last table; that of numbered statements twice, for it has two ways to harm: what is returned, and what is named. Beside them rules that the simulation itself found missing.</summary>
internal static class MutantCatalogue
{
    private const string Twice = "run at once";
    private const string Again = "although the outcome";
    private const string Appears = "which was returned or superseded";
    private const string Never = "is returned as never begun";
    private const string Crowded = "runs more containers than";
    private const string KilledAsEnd = "as the workload's own end";
    private const string Ends = "not all has ended";
    private const string Killed = "although one thing alone was away";
    private const string Moved = "although its deadline was moved";
    private const string Unasked = "is stopped without a word to";

    public static IReadOnlyList<MutantEntry> All { get; } =
    [
        new("the guard", () => new NoGuard(), Few(FaultKind.WorkerCrash), [Twice]),
        new("timing from sending", () => new TimedFromAnswer(), Few(FaultKind.SlowWorkerLinks, FaultKind.SlowWorkerLinks, FaultKind.CutWorker) with { Drift = 0, Times = [Contracts.TimeProfile.Patient], Horizon = TimeSpan.FromMinutes(60), Runs = (600, 2400), FaultsMost = 30, JobsMost = 4, Processes = 0 }, [Twice], First: 480),
        new("both ended", () => Over(rows => (world, _) => new HeartbeatAlone(world, rows)), Few(FaultKind.CutWorkerTemporal), [Twice]),
        new("the other conversation's wait", () => Over(rows => (_, _) => new NoWait(rows)), Few(FaultKind.CutWorkerRegistry, FaultKind.TerminateAndAnew), [Twice], First: 600),
        new("supersede only what was seen", () => Over(rows => (_, _) => new SupersedesUnseen(rows)), Few(FaultKind.CutWorker, FaultKind.Freeze) with { Retry = """{"workerLost":{"max":3,"backoff":{"initial":"15s"}}}""" }, [Again, Twice]),
        new("a result in history wins", () => new LeaseEndAlone(), Few(FaultKind.CutWorkerRegistry, FaultKind.NudgeForged), [Again, Twice]),
        new("the final ask", () => Over(rows => (_, _) => new NoFinalAsk(rows)), Few(FaultKind.CutWorker, FaultKind.CutWorkerRegistry, FaultKind.Freeze) with { Retry = """{"workerLost":{"max":0}}""" }, [Again, "has closed"]),
        new("confirm again when already held", () => Over(rows => (_, _) => new ConfirmsOnce(rows)), Profile.TemporalAlone, [Killed]),
        new("the renewal's answer", () => Over(rows => (_, _) => new SilentAnswers(rows)), Few(FaultKind.BadWorkerRegistry, FaultKind.Terminate) with { JobsMost = 6, FaultsMost = 20 }, [Ends]),
        new("numbered statements", () => Over(rows => (_, _) => new UnnumberedStatements(rows)), Few(FaultKind.LateWorkerRegistry) with { JobsMost = 8, Lasts = (10, 60), WorkersLeast = 1, WorkersMost = 2 }, [Never, Twice]),
        new("numbered statements: what is named", () => Over(rows => (_, _) => new UnnumberedStatements(rows)), Few(FaultKind.CutWorkerRegistry) with { JobsMost = 8, FaultsMost = 20, Lasts = (0.5, 20), WorkersLeast = 1, WorkersMost = 1, Runs = (20, 60) }, [Crowded], First: 300),
        new("restating at every renewal", () => Over(rows => (_, _) => new NamedForEver(rows)), Few(FaultKind.CutWorkerRegistry, FaultKind.CutWorker), [Ends]),
        new("waiting before \"lost\" on a living host", () => new LostAtOnce(), Few(FaultKind.SlowStart, FaultKind.WorkerCrash) with { Processes = 1, FaultsMost = 20, Lasts = (0.5, 30), JobsMost = 6 }, [Twice, Again, Appears], First: 1800),
        new("the file written at heartbeats too", () => new FileAtRenewalsOnly(), Profile.RegistryAlone, [Killed]),
        new("registering before the runtime answers", () => new AsksRuntimesFirst(), Profile.SlowRuntime, [Killed]),
        new("sweeping offers to living workers", () => Over(rows => (_, _) => new OffersUnswept(rows)), Few(FaultKind.Terminate, FaultKind.HostCrash, FaultKind.HostFreeze), [Ends], First: 330),
        new("naming from the confirm on", () => new NamedOnceKept(), Few(FaultKind.SlowDisk, FaultKind.CutWorkerRegistry, FaultKind.CutWorkerRegistry) with { JobsMost = 12, FaultsMost = 40, Lasts = (6, 20), WorkersLeast = 1, WorkersMost = 1, Runs = (20, 60) }, [Crowded], First: 9400),
        new("naming what is in doubt", () => new DoubtUnnamed(), Few(FaultKind.SlowStart, FaultKind.SlowStart, FaultKind.WorkerCrash, FaultKind.CutWorkerRegistry, FaultKind.CutWorkerRegistry) with { JobsMost = 20, FaultsMost = 80, Lasts = (0.3, 9), WorkersLeast = 1, WorkersMost = 1, Runs = (1, 5), Processes = 0 }, [Crowded], First: 4900),
        new("a kill removes what was not started", () => new LeavesWhatIsUnstarted(), Few(FaultKind.SlowStart, FaultKind.SlowStart, FaultKind.WorkerCrash, FaultKind.CutWorker) with { JobsMost = 8, FaultsMost = 30, Lasts = (3, 30), Processes = 0 }, [Twice, Crowded, Appears]),
        new("a last look before a start", () => new StartsLate(), Few(FaultKind.SlowStart, FaultKind.WorkerCrash) with { Processes = 1, FaultsMost = 20, Lasts = (0.5, 30), JobsMost = 6 }, [Twice, Again, Appears], First: 900),
        new("a disk that does not take the permission", () => new StartsUntold(), Few(FaultKind.FullDisk, FaultKind.WorkerCrash), [Twice, KilledAsEnd]),
        new("an extension waits until it is in force", () => new ExtensionsAsTold(), Extended(FaultKind.CutWorkerTemporal, FaultKind.WorkerCrash), [Moved]),
        new("an extension is heard before it is answered", () => new ExtensionsUnheard(), Extended(FaultKind.FullDisk, FaultKind.WorkerCrash), [Moved]),
        new("a stop after a reset asks the row", () => new StopsWithoutAsking(), Few(FaultKind.Reset, FaultKind.Reset, FaultKind.Stop, FaultKind.Stop, FaultKind.Cancel, FaultKind.Pause, FaultKind.RegistryOutage, FaultKind.CutWorkerTemporal) with { FaultsMost = 40, Runs = (20, 60) }, [Unasked]),
        new("numbered asks", () => Over(rows => (_, _) => new UnnumberedAsks(rows)), Few(FaultKind.BadHostRegistry, FaultKind.Pause, FaultKind.Pause, FaultKind.Pause) with { WorkersLeast = 1, WorkersMost = 1, JobsMost = 8, FaultsMost = 30, Lasts = (5, 60), Runs = (5, 15) }, ["which is paused"], First: 150),
    ];

    /// <summary>Plays seeds until one shows a violation.</summary>
    public static (ulong Seed, string? Violation) Hunt(MutantEntry entry, ulong first, int seeds)
    {
        for (var seed = first; seed < first + (ulong)seeds; seed++)
        {
            var violation = Seeds.Guarded(new World(seed, entry.Profile, entry.Make()));
            if (violation is not null) return (seed, violation);
        }

        return (0, null);
    }

    /// <summary>The directed faults with every rule in force.</summary>
    public static IReadOnlyList<Profile> Directed { get; } = [.. All.Select(one => one.Profile with { Name = $"directed: {one.Rule}" })];

    private static RegistryMutant Over(Func<IRegistry, Func<World, IRegistry, IRegistry>> make) => new((world, rows) => make(rows)(world, rows));

    private static Profile Extended(params FaultKind[] faults) => Few([.. faults, .. Enumerable.Repeat(FaultKind.Extend, faults.Length)]) with { Deadlines = 0.6, FaultsMost = 20, Runs = (5, 60) };

    private static Profile Few(params FaultKind[] faults) => Profile.All with { Name = "directed", Faults = faults, FaultsMost = 10, Times = [Contracts.TimeProfile.Fast], WorkersLeast = 2 };
}
