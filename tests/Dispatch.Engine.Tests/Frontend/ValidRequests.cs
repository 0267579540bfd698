using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Tests.Frontend;

/// <summary>One request of each kind that the engine answers well while the workflow <c>wf</c> runs: what tests then break in one place.</summary>
internal static class ValidRequests
{
    public const string Queue = "queue";

    private static readonly WorkflowExecution Target = new() { WorkflowId = "wf" };
    private static readonly Duration Minute = Duration.FromTimeSpan(TimeSpan.FromMinutes(1));

    public static IReadOnlyList<IMessage> All(ByteString workflowTask, ByteString activityTask) =>
    [
        Start("another"),
        new SignalWithStartWorkflowExecutionRequest
        {
            Namespace = "default", WorkflowId = "third", WorkflowType = Type(), TaskQueue = new() { Name = Queue }, RequestId = "r", SignalName = "s",
            SignalInput = Payloads(), Input = Payloads(), Identity = "client", RetryPolicy = Retries(), WorkflowRunTimeout = Minute, WorkflowStartDelay = Minute,
        },
        new SignalWorkflowExecutionRequest
        {
            Namespace = "default", WorkflowExecution = Target, SignalName = "s", Input = Payloads(), RequestId = "r", Identity = "client", Links = { Link() },
        },
        new RequestCancelWorkflowExecutionRequest { Namespace = "default", WorkflowExecution = Target, RequestId = "r", Reason = "why", Links = { Link() } },
        new TerminateWorkflowExecutionRequest { Namespace = "default", WorkflowExecution = new() { WorkflowId = "gone" }, Reason = "why", Details = Payloads() },
        new DeleteWorkflowExecutionRequest { Namespace = "default", WorkflowExecution = new() { WorkflowId = "gone" } },
        new DescribeWorkflowExecutionRequest { Namespace = "default", Execution = Target },
        new GetWorkflowExecutionHistoryRequest { Namespace = "default", Execution = Target, MaximumPageSize = 5, NextPageToken = ByteString.CopyFromUtf8("x") },
        new GetWorkflowExecutionHistoryReverseRequest { Namespace = "default", Execution = Target, MaximumPageSize = 5, NextPageToken = ByteString.CopyFromUtf8("x") },
        new QueryWorkflowRequest { Namespace = "default", Execution = Target, Query = new WorkflowQuery { QueryType = "q", QueryArgs = Payloads() } },
        Update(),
        new PollWorkflowExecutionUpdateRequest
        {
            Namespace = "default", UpdateRef = new UpdateRef { WorkflowExecution = Target, UpdateId = "u" },
            WaitPolicy = new WaitPolicy { LifecycleStage = UpdateWorkflowExecutionLifecycleStage.Completed },
        },
        new ExecuteMultiOperationRequest
        {
            Namespace = "default",
            Operations = { new ExecuteMultiOperationRequest.Types.Operation { StartWorkflow = Start("wf") }, new ExecuteMultiOperationRequest.Types.Operation { UpdateWorkflow = Update() } },
        },
        new PollWorkflowTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "nothing" }, Identity = "worker" },
        new PollActivityTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "nothing" }, Identity = "worker" },
        Completion(workflowTask),
        new RespondWorkflowTaskFailedRequest { Namespace = "default", TaskToken = workflowTask, Failure = Failed(), Identity = "worker" },
        new RespondQueryTaskCompletedRequest { Namespace = "default", TaskToken = workflowTask, CompletedType = QueryResultType.Answered, QueryResult = Payloads() },
        new RespondActivityTaskCompletedRequest { Namespace = "default", TaskToken = activityTask, Result = Payloads(), Identity = "worker" },
        new RespondActivityTaskFailedRequest { Namespace = "default", TaskToken = activityTask, Failure = Failed(), LastHeartbeatDetails = Payloads() },
        new RespondActivityTaskCanceledRequest { Namespace = "default", TaskToken = activityTask, Details = Payloads() },
        new RecordActivityTaskHeartbeatRequest { Namespace = "default", TaskToken = activityTask, Details = Payloads() },
        new RespondActivityTaskCompletedByIdRequest { Namespace = "default", WorkflowId = "wf", ActivityId = "a", Result = Payloads() },
        new RespondActivityTaskFailedByIdRequest { Namespace = "default", WorkflowId = "wf", ActivityId = "a", Failure = Failed() },
        new RespondActivityTaskCanceledByIdRequest { Namespace = "default", WorkflowId = "wf", ActivityId = "a", Details = Payloads() },
        new RecordActivityTaskHeartbeatByIdRequest { Namespace = "default", WorkflowId = "wf", ActivityId = "a", Details = Payloads() },
        new PauseActivityRequest { Namespace = "default", Execution = Target, Id = "a", Reason = "why" },
        new UnpauseActivityRequest { Namespace = "default", Execution = Target, Id = "a" },
        new ResetActivityRequest { Namespace = "default", Execution = Target, Id = "a" },
        new UpdateActivityOptionsRequest
        {
            Namespace = "default", Execution = Target, Id = "a", UpdateMask = new FieldMask { Paths = { "start_to_close_timeout", "retry_policy" } },
            ActivityOptions = new() { StartToCloseTimeout = Minute, RetryPolicy = Retries(), TaskQueue = new() { Name = Queue } },
        },
        new ListWorkflowExecutionsRequest { Namespace = "default", Query = "WorkflowId = 'wf'", PageSize = 5, NextPageToken = ByteString.CopyFromUtf8("x") },
        new CountWorkflowExecutionsRequest { Namespace = "default", Query = "GROUP BY ExecutionStatus" },
        new ListOpenWorkflowExecutionsRequest
        {
            Namespace = "default", MaximumPageSize = 5, StartTimeFilter = new() { EarliestTime = new(), LatestTime = new Timestamp { Seconds = 9 } }, TypeFilter = new() { Name = "it's" },
        },
        new ListClosedWorkflowExecutionsRequest { Namespace = "default", StatusFilter = new() { Status = WorkflowExecutionStatus.Failed } },
        new DescribeTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = Queue }, ReportStats = true },
        new ShutdownWorkerRequest { Namespace = "default", StickyTaskQueue = "sticky", WorkerInstanceKey = "key", Identity = "worker" },
        new ResetStickyTaskQueueRequest { Namespace = "default", Execution = Target },
        new RegisterNamespaceRequest { Namespace = "n1", WorkflowExecutionRetentionPeriod = Duration.FromTimeSpan(TimeSpan.FromDays(1)) },
        new DescribeNamespaceRequest { Namespace = "default" },
        new UpdateNamespaceRequest { Namespace = "default", Config = new() { WorkflowExecutionRetentionTtl = Duration.FromTimeSpan(TimeSpan.FromDays(1)) } },
        new ListNamespacesRequest { PageSize = 5 },
        new AddSearchAttributesRequest { Namespace = "default", SearchAttributes = { ["Custom"] = IndexedValueType.Keyword } },
        new RemoveSearchAttributesRequest { Namespace = "default", SearchAttributes = { "Custom" } },
        new ListSearchAttributesRequest { Namespace = "default" },
    ];

    public static StartWorkflowExecutionRequest Start(string workflowId) => new()
    {
        Namespace = "default",
        WorkflowId = workflowId,
        WorkflowType = Type(),
        TaskQueue = new() { Name = Queue },
        Input = Payloads(),
        RequestId = "start",
        Identity = "client",
        WorkflowIdConflictPolicy = WorkflowIdConflictPolicy.UseExisting,
        WorkflowExecutionTimeout = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
        WorkflowRunTimeout = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
        WorkflowTaskTimeout = Minute,
        RetryPolicy = Retries(),
        Memo = new Memo { Fields = { ["m"] = Payload() } },
        SearchAttributes = new SearchAttributes { IndexedFields = { ["BuildIds"] = new Payload { Data = ByteString.CopyFromUtf8("[\"b\"]") } } },
        Header = new Header { Fields = { ["h"] = Payload() } },
        Priority = new Priority { PriorityKey = 1, FairnessKey = "f", FairnessWeight = 1 },
        Links = { Link() },
    };

    /// <summary>A completion with a command of each kind that goes on.</summary>
    public static RespondWorkflowTaskCompletedRequest Completion(ByteString token) => new()
    {
        Namespace = "default",
        TaskToken = token,
        Identity = "worker",
        Commands =
        {
            new Command { CommandType = CommandType.ScheduleActivityTask, ScheduleActivityTaskCommandAttributes = Activity("a") },
            new Command { CommandType = CommandType.StartTimer, StartTimerCommandAttributes = new() { TimerId = "t", StartToFireTimeout = Minute } },
            new Command { CommandType = CommandType.CancelTimer, CancelTimerCommandAttributes = new() { TimerId = "t" } },
            new Command { CommandType = CommandType.RecordMarker, RecordMarkerCommandAttributes = new() { MarkerName = "m", Details = { ["d"] = Payloads() } } },
            new Command
            {
                CommandType = CommandType.UpsertWorkflowSearchAttributes,
                UpsertWorkflowSearchAttributesCommandAttributes = new() { SearchAttributes = new() { IndexedFields = { ["BuildIds"] = new Payload { Data = ByteString.CopyFromUtf8("[\"b\"]") } } } },
            },
            new Command
            {
                CommandType = CommandType.ModifyWorkflowProperties,
                ModifyWorkflowPropertiesCommandAttributes = new() { UpsertedMemo = new() { Fields = { ["m"] = Payload() } } },
            },
            new Command
            {
                CommandType = CommandType.StartChildWorkflowExecution,
                StartChildWorkflowExecutionCommandAttributes = new()
                {
                    WorkflowId = "child", WorkflowType = Type(), TaskQueue = new() { Name = Queue }, Input = Payloads(), WorkflowRunTimeout = Minute, RetryPolicy = Retries(), CronSchedule = "@daily",
                },
            },
            new Command { CommandType = CommandType.SignalExternalWorkflowExecution, SignalExternalWorkflowExecutionCommandAttributes = new() { Execution = new() { WorkflowId = "x" }, SignalName = "s" } },
            new Command { CommandType = CommandType.RequestCancelExternalWorkflowExecution, RequestCancelExternalWorkflowExecutionCommandAttributes = new() { WorkflowId = "x" } },
        },
        StickyAttributes = new() { WorkerTaskQueue = new() { Name = "sticky" }, ScheduleToStartTimeout = Minute },
        ReturnNewWorkflowTask = true,
        Messages = { new Temporalio.Api.Protocol.V1.Message { Id = "m", ProtocolInstanceId = "u", Body = Any.Pack(new Rejection()) } },
        QueryResults = { ["q"] = new WorkflowQueryResult { ResultType = QueryResultType.Answered, Answer = Payloads() } },
    };

    public static ScheduleActivityTaskCommandAttributes Activity(string id) => new()
    {
        ActivityId = id,
        ActivityType = new() { Name = "Act" },
        TaskQueue = new() { Name = Queue },
        Input = Payloads(),
        StartToCloseTimeout = Minute,
        HeartbeatTimeout = Minute,
        RetryPolicy = Retries(),
        Priority = new Priority { PriorityKey = 1 },
    };

    private static UpdateWorkflowExecutionRequest Update() => new()
    {
        Namespace = "default",
        WorkflowExecution = Target,
        Request = new Request { Meta = new Meta { UpdateId = "u" }, Input = new Input { Name = "set", Args = Payloads() } },
        WaitPolicy = new WaitPolicy { LifecycleStage = UpdateWorkflowExecutionLifecycleStage.Accepted },
    };

    private static WorkflowType Type() => new() { Name = "Flow" };

    private static Payload Payload() => new() { Data = ByteString.CopyFromUtf8("1"), Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") } };

    private static Payloads Payloads() => new() { Payloads_ = { Payload() } };

    private static RetryPolicy Retries() => new() { InitialInterval = Minute, BackoffCoefficient = 2, MaximumInterval = Minute, MaximumAttempts = 3 };

    private static Failure Failed() => new() { Message = "broken", ApplicationFailureInfo = new() { Type = "T", Details = Payloads() }, Cause = new() { Message = "why" } };

    private static Link Link() => new()
    {
        WorkflowEvent = new()
        {
            Namespace = "default", WorkflowId = "other", RunId = "11111111-2222-4333-8444-555555555555",
            EventRef = new() { EventId = 1, EventType = EventType.WorkflowExecutionStarted },
        },
    };
}
