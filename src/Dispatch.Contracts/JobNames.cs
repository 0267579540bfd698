namespace Dispatch.Contracts;

/// <summary>The names by which jobs, their workflow and the worker's activities are known to Temporal.</summary>
public static class JobNames
{
    /// <summary>The workflow type.</summary>
    public const string Workflow = "Job";

    /// <summary>The task queue of the workflow.</summary>
    public const string TaskQueue = "dispatch";

    /// <summary>Query: where the job stands (<see cref="Runs.JobStatus"/>).</summary>
    public const string Status = "Status";

    /// <summary>Query: all operations so far, a list of <see cref="Dispatch.Contracts.Operations.Operation"/>.</summary>
    public const string Operations = "Operations";

    /// <summary>Query: the last recorded placement (<see cref="Http.RecordedPlacement"/>), null before the first.</summary>
    public const string Why = "Why";

    /// <summary>Update, and the worker's control activity (<see cref="Runs.StopInput"/>): stop.</summary>
    public const string Stop = "Stop";

    /// <summary>Update, and the worker's control activity (<see cref="Runs.ExtendInput"/>): extend the run deadline.</summary>
    public const string Extend = "Extend";

    /// <summary>Update: set the priority.</summary>
    public const string SetPriority = "SetPriority";

    /// <summary>Update: hold back before placement.</summary>
    public const string Pause = "Pause";

    /// <summary>Update: go on after a pause.</summary>
    public const string Unpause = "Unpause";

    /// <summary>Signal without content: ask the placer again.</summary>
    public const string Nudge = "Nudge";

    /// <summary>Activity of the worker: run one attempt (<see cref="Runs.RunContainerInput"/>, <see cref="Runs.ContainerReport"/>).</summary>
    public const string RunContainer = "RunContainer";

    /// <summary>Local activity of the workflow host: ask the placer.</summary>
    public const string Place = "Place";

    /// <summary>Local activity of the workflow host: say what became of the job.</summary>
    public const string Settle = "Settle";

    /// <summary>Header of the start, set by our clients: who started the job, as JSON text.</summary>
    public const string TriggerHeader = "dispatch-trigger";

    /// <summary>Search attribute, Keyword: the pool.</summary>
    public const string PoolAttribute = "DispatchPool";

    /// <summary>Search attribute, Keyword: <c>Queued</c>, <c>Paused</c>, <c>Sent</c> or <c>Closed</c>.</summary>
    public const string StateAttribute = "DispatchState";

    /// <summary>Search attribute, Keyword: the worker of the newest attempt.</summary>
    public const string WorkerAttribute = "DispatchWorker";

    /// <summary>Search attribute, Keyword: the termination reason.</summary>
    public const string ReasonAttribute = "DispatchReason";

    /// <summary>Search attribute, Keyword: the owner.</summary>
    public const string OwnerAttribute = "DispatchOwner";

    /// <summary>Search attribute, Text: the display name.</summary>
    public const string NameAttribute = "DispatchName";

    /// <summary>Search attribute, KeywordList: the labels, each as <c>key=value</c>.</summary>
    public const string LabelsAttribute = "DispatchLabels";
}
