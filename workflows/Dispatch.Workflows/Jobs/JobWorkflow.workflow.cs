using System.Runtime.ExceptionServices;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Dispatch.Workflows.Jobs;

/// <summary>The workflow of one job. It only talks to Temporal: what is to be done is decided by <see cref="JobMachine"/>.</summary>
[Workflow(JobNames.Workflow)]
public sealed partial class JobWorkflow
{
    private const string SearchAttributesOffPatch = "search-attributes-off";

    /// <summary>From it on the search attributes show a job between two attempts as queued.</summary>
    private const string QueuedAgainPatch = "rev-1";
    private const string RunCancel = "run";

    private readonly bool searchAttributesWanted;
    private readonly List<JobInput> inbox = [];
    private readonly Dictionary<string, CommandAnswer> answers = [];
    private readonly Dictionary<string, CancellationTokenSource> cancels = [];
    private JobProgress progress;
    private bool indexes = true;
    private ExceptionDispatchInfo? fault;

    /// <summary>Makes a run that writes search attributes.</summary>
    public JobWorkflow()
        : this(searchAttributes: true)
    {
    }

    /// <summary>Makes a run.</summary>
    /// <param name="searchAttributes">Whether the namespace has the search attributes of Dispatch. A run that began keeps what held then.</param>
    public JobWorkflow(bool searchAttributes)
    {
        searchAttributesWanted = searchAttributes;
        var info = Workflow.Info;
        progress = new()
        {
            Facts = new()
            {
                Job = new(info.WorkflowId),
                Conversation = new(info.OriginalExecutionRunId),
                RunId = info.RunId,
                TaskQueue = info.TaskQueue,
                Trigger = JobTrigger.Of(
                    info.Headers,
                    Workflow.TypedSearchAttributes.TryGetValue(JobTrigger.ScheduledBy, out var schedule) ? schedule : null,
                    info.Parent?.WorkflowId),
                StartedAt = new(info.WorkflowStartTime, TimeSpan.Zero),
            },
        };
    }

    /// <summary>Every operation so far, for those who replay.</summary>
    internal IReadOnlyList<Operation> Recorded => progress.Operations.GetRange(0, progress.Recorded);

    /// <summary>Whether the run counts as one that a reset began, whatever its ids say: for those who test on an engine that has no reset.</summary>
    internal bool AfterReset { get; init; }

    /// <summary>Told each branch that the machine takes, by those who replay; null elsewhere.</summary>
    internal Action<string>? Watch { get; set; }

    /// <summary>Told the search attributes that are written, by those who replay; null elsewhere.</summary>
    internal Action<SearchAttributeUpdate[]>? Indexed { get; set; }

    /// <summary>Told the memo entries that are written, by those who replay; null elsewhere.</summary>
    internal Action<MemoUpdate[]>? Noted { get; set; }

    /// <summary>Runs the job to its end.</summary>
    /// <param name="spec">The job spec, JSON. It is read by us: what is wrong ends the run as <c>InvalidJobSpec</c>.</param>
    /// <param name="extra">Must not be there.</param>
    /// <returns>The report of a job that ended well.</returns>
    /// <exception cref="ApplicationFailureException">The job did not end well: the type is the catalogue's code, the details are the report.</exception>
    [WorkflowRun]
    public async Task<JobReport> RunAsync(IRawValue? spec = null, IRawValue? extra = null)
    {
        // On replay the marker in history decides, else the host: so a run keeps what held when it began.
        indexes = !((Workflow.Unsafe.IsReplaying || !searchAttributesWanted) && Workflow.Patched(SearchAttributesOffPatch));
        _ = WatchAsync(HearCancelAsync());
        inbox.Insert(0, JobArguments.ReadSpec(spec, extra));
        while (progress.Phase != JobPhase.Closed)
        {
            await Workflow.WaitConditionAsync(() => inbox.Count > 0 || fault is not null, CancellationToken.None);
            fault?.Throw();
            Step();
        }

        await Workflow.WaitConditionAsync(() => Workflow.AllHandlersFinished, CancellationToken.None);
        return Finish(progress.Report!);
    }

    /// <summary>Where the job stands.</summary>
    /// <returns>The status.</returns>
    [WorkflowQuery(JobNames.Status)]
    public JobStatus Status() => JobStatusView.Of(progress);

    /// <summary>Every operation so far, oldest first.</summary>
    /// <returns>The operations.</returns>
    [WorkflowQuery(JobNames.Operations)]
    public IReadOnlyList<Operation> Operations() => progress.Operations;

    /// <summary>The last recorded placement.</summary>
    /// <returns>The placement, null before the first.</returns>
    [WorkflowQuery(JobNames.Why)]
    public RecordedPlacement? Why() => progress.Placement;

    /// <summary>Hints that asking the placer may be worth it.</summary>
    /// <returns>A task that has ended.</returns>
    [WorkflowSignal(JobNames.Nudge)]
    public Task NudgeAsync()
    {
        inbox.Add(new JobInput.Nudged());
        return Task.CompletedTask;
    }
}
