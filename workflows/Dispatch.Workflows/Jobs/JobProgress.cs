using System.Collections.Immutable;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>All that a job's workflow knows. Immutable: each step makes a new one.</summary>
internal sealed record JobProgress
{
    /// <summary>The run.</summary>
    public required JobFacts Facts { get; init; }

    /// <summary>What it is about.</summary>
    public JobPhase Phase { get; init; }

    /// <summary>The spec, once read and right.</summary>
    public JobSpec? Spec { get; init; }

    /// <summary>The canonical spec.</summary>
    public string SpecJson { get; init; } = "";

    /// <summary>Its digest.</summary>
    public string SpecDigest { get; init; } = "";

    /// <summary>What the spec's readers found wrong.</summary>
    public IReadOnlyList<SpecError> SpecErrors { get; init; } = [];

    /// <summary>From when queue and total time-outs count, UTC.</summary>
    public DateTimeOffset QueuedAt { get; init; }

    /// <summary>Every operation, oldest first.</summary>
    public ImmutableList<Operation> Operations { get; init; } = [];

    /// <summary>How many of them are in the memo.</summary>
    public int Recorded { get; init; }

    /// <summary>The attempt that the next one follows; after a reset the row's may be later than those in history.</summary>
    public int LastAttempt { get; init; }

    /// <summary>The newest attempt with a worker.</summary>
    public OpenAttempt? Current { get; init; }

    /// <summary>Why the newest attempt is over without a worker's answer, until <c>WorkerExited</c> is recorded.</summary>
    public AttemptLoss? Loss { get; init; }

    /// <summary>Attempts that are over.</summary>
    public ImmutableList<AttemptSummary> Attempts { get; init; } = [];

    /// <summary>Workers not to be chosen again.</summary>
    public ImmutableList<ExcludedWorker> Excluded { get; init; } = [];

    /// <summary>Workers that died under the job.</summary>
    public ImmutableHashSet<WorkerId> DeadWorkers { get; init; } = [];

    /// <summary>Further attempts used, by cause.</summary>
    public ImmutableDictionary<RetryCause, int> RetriesUsed { get; init; } = ImmutableDictionary<RetryCause, int>.Empty;

    /// <summary>Memory of the next attempt, bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Run deadline in force.</summary>
    public TimeSpan Run { get; init; }

    /// <summary>Priority in force.</summary>
    public int Priority { get; init; }

    /// <summary>The number of the newest ask.</summary>
    public int Asks { get; init; }

    /// <summary>How many asks nudges caused.</summary>
    public int NudgedAsks { get; init; }

    /// <summary>The ask that is open.</summary>
    public PlaceAsk? OpenAsk { get; init; }

    /// <summary>Whether that ask is about where the worker is, while <c>RunContainer</c> is open.</summary>
    public bool Locating { get; init; }

    /// <summary>What arrived while an ask was open.</summary>
    public ImmutableList<JobInput> Deferred { get; init; } = [];

    /// <summary>The offer to be given back with the next ask.</summary>
    public LeaseId? GiveBack { get; init; }

    /// <summary>The lease whose return was seen.</summary>
    public LeaseId? SeenReturned { get; init; }

    /// <summary>Waiting answers in a row.</summary>
    public int WaitsInRow { get; init; }

    /// <summary>Unanswered asks in a row.</summary>
    public int UnavailableInRow { get; init; }

    /// <summary>Since when the registry has not answered.</summary>
    public DateTimeOffset? UnavailableSince { get; init; }

    /// <summary>The last recorded placement.</summary>
    public RecordedPlacement? Placement { get; init; }

    /// <summary>Running timers.</summary>
    public ImmutableDictionary<JobTimer, RunningTimer> Timers { get; init; } = ImmutableDictionary<JobTimer, RunningTimer>.Empty;

    /// <summary>How many timers were started.</summary>
    public int TimersStarted { get; init; }

    /// <summary>Commands taken so far.</summary>
    public int Commands { get; init; }

    /// <summary>Commands that wait for an answer.</summary>
    public ImmutableDictionary<string, JobCommand> OpenCommands { get; init; } = ImmutableDictionary<string, JobCommand>.Empty;

    /// <summary>Run deadlines that were asked for and are not in force yet, by command.</summary>
    public ImmutableDictionary<string, PendingExtension> Extensions { get; init; } = ImmutableDictionary<string, PendingExtension>.Empty;

    /// <summary>Whether they wait until they are in force; before <see cref="JobRevisions.Second"/> they waited for a control's answer alone.</summary>
    public bool ExtensionsWait { get; init; }

    /// <summary>Commands that did not reach the worker where it was: the placer is asked where it is.</summary>
    public ImmutableList<string> Unreached { get; init; } = [];

    /// <summary>Held back before placement.</summary>
    public bool Paused { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset PausedAt { get; init; }

    /// <summary>How long the job was paused before that.</summary>
    public TimeSpan PausedFor { get; init; }

    /// <summary>The end that was asked for.</summary>
    public JobEnding? Ending { get; init; }

    /// <summary>The state that the search attributes show.</summary>
    public JobState? Indexed { get; init; }

    /// <summary>The last report of a worker.</summary>
    public ContainerReport? LastReport { get; init; }

    /// <summary>The last error of a worker.</summary>
    public ContainerFailure? LastFailure { get; init; }

    /// <summary>First worker selected, UTC.</summary>
    public DateTimeOffset? FirstPlacedAt { get; init; }

    /// <summary>Last worker selected, UTC.</summary>
    public DateTimeOffset? PlacedAt { get; init; }

    /// <summary>The report, once the end is decided.</summary>
    public JobReport? Report { get; init; }

    /// <summary>As what the run ends.</summary>
    public CloseKind How { get; init; }

    /// <summary>Whether the job was ever sent.</summary>
    public bool EverSent => FirstPlacedAt is not null;

    /// <summary>Whether the last attempt is over, as its operations say, and the next one is not sent yet.</summary>
    public bool IsBetweenAttempts => Current is { Over: true } && Phase is (JobPhase.BackingOff or JobPhase.Placing);
}
