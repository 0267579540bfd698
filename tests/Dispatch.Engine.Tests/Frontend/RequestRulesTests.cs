using Dispatch.Engine.Frontend;
using Google.Protobuf;
using Grpc.Core;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Tests.Frontend;

/// <summary>What a request may not be, whatever the state of the engine.</summary>
public class RequestRulesTests
{
    private static readonly string Long = new('x', 1_001);

    public static TheoryData<string, string> Refused() => new()
    {
        { "identity", "identity length exceeds limit" },
        { "failure", "Failure must have ApplicationFailureInfo." },
        { "links", "cannot attach more than 10 links per request, got 11" },
        { "large link", "link exceeds allowed size of 4000" },
        { "link without a run", "must not have an empty run ID field" },
        { "link without a workflow", "must not have an empty workflow ID field" },
        { "link without an event type", "cannot have an unspecified event type" },
        { "link to nothing", "unsupported link variant" },
        { "link to no job", "batch job link must not have an empty job ID" },
        { "callbacks", "Completion callbacks are not served" },
        { "signal name", "SignalName length exceeds limit" },
        { "signal-with-start that fails", "POLICY_FAIL is not supported" },
        { "signal-with-start without a signal", "SignalName is not set" },
        { "signal-with-start without a queue", "taskQueue is not set" },
        { "signal-with-start with too many links", "cannot attach more than 10 links" },
        { "deletion of nothing", "Execution is not set on request." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_request_that_nothing_could_make_right_is_refused(string what, string reason)
    {
        IMessage request = what switch
        {
            "identity" => new RespondActivityTaskCanceledByIdRequest { Identity = Long },
            "failure" => new RespondActivityTaskFailedRequest { Failure = new Failure { ServerFailureInfo = new() } },
            "links" => Signal(Enumerable.Repeat(Link(), 11)),
            "large link" => Signal([Link(link => link.WorkflowId = new string('x', 4_000))]),
            "link without a run" => Signal([Link(link => link.RunId = "")]),
            "link without a workflow" => Signal([Link(link => link.WorkflowId = "")]),
            "link without an event type" => Signal([Link(link => link.EventRef = new() { EventId = 5 })]),
            "link to nothing" => Signal([new Link()]),
            "link to no job" => Signal([new Link { BatchJob = new() }]),
            "callbacks" => Start(start => start.CompletionCallbacks.Add(new Callback())),
            "signal name" => new SignalWorkflowExecutionRequest { WorkflowExecution = new() { WorkflowId = "w" }, SignalName = Long },
            "signal-with-start that fails" => SignalWithStart(start => start.WorkflowIdConflictPolicy = WorkflowIdConflictPolicy.Fail),
            "signal-with-start without a signal" => SignalWithStart(start => start.SignalName = ""),
            "signal-with-start without a queue" => SignalWithStart(start => start.TaskQueue = null),
            "signal-with-start with too many links" => SignalWithStart(start => start.Links.AddRange(Enumerable.Repeat(Link(), 11))),
            _ => new DeleteWorkflowExecutionRequest(),
        };

        var refusal = Assert.Throws<EngineException>(() => RequestValidation.Check(request, Context));

        Assert.Equal(StatusCode.InvalidArgument, refusal.Code);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_at_its_limit_is_taken()
    {
        RequestValidation.Check(Signal(Enumerable.Repeat(Link(), 10)), Context);
        RequestValidation.Check(Start(start => start.WorkflowId = new string('x', 1_000)), Context);
        RequestValidation.Check(SignalWithStart(start => start.Links.Add(Link())), Context);
        RequestValidation.Check(new RespondActivityTaskFailedRequest(), Context);
    }

    private static CallContext Context => new([], null, CancellationToken.None);

    private static SignalWorkflowExecutionRequest Signal(IEnumerable<Link> links) =>
        new() { WorkflowExecution = new() { WorkflowId = "w" }, SignalName = "s", Links = { links } };

    private static StartWorkflowExecutionRequest Start(Action<StartWorkflowExecutionRequest> change)
    {
        var start = ValidRequests.Start("w");
        change(start);
        return start;
    }

    private static SignalWithStartWorkflowExecutionRequest SignalWithStart(Action<SignalWithStartWorkflowExecutionRequest> change)
    {
        var start = new SignalWithStartWorkflowExecutionRequest
        {
            WorkflowId = "w", WorkflowType = new() { Name = "Flow" }, TaskQueue = new() { Name = "queue" }, SignalName = "s",
        };
        change(start);
        return start;
    }

    private static Link Link(Action<Link.Types.WorkflowEvent>? change = null)
    {
        var link = new Link.Types.WorkflowEvent { Namespace = "default", WorkflowId = "w", RunId = "r", EventRef = new() { EventId = 1, EventType = EventType.WorkflowExecutionStarted } };
        change?.Invoke(link);
        return new Link { WorkflowEvent = link };
    }
}
