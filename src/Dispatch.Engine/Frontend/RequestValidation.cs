using Google.Protobuf;
using Grpc.Core;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Frontend;

/// <summary>What can be said of a request by looking at it alone. Every call passes here before its handler.</summary>
internal static class RequestValidation
{
    /// <summary>Longest id, type or name, in bytes of UTF-8.</summary>
    public const int NameBytesMax = 1000;

    /// <summary>Largest input, details or memo.</summary>
    public const int BlobBytesMax = 2 * 1024 * 1024;

    private const string ReservedQueuePrefix = "/_sys/";
    private const string InternalQueue = "temporal-sys-per-ns-tq";

    private static readonly TimeSpan PollTimeoutMin = TimeSpan.FromSeconds(2);

    /// <summary>Refuses a request that no state of the engine could make right.</summary>
    /// <exception cref="EngineException">INVALID_ARGUMENT, mostly, with what is wrong.</exception>
    public static void Check(IMessage request, CallContext context)
    {
        switch (request)
        {
            case StartWorkflowExecutionRequest start:
                StartRules.Check(start);
                break;
            case SignalWithStartWorkflowExecutionRequest start:
                StartRules.Check(start);
                break;
            case SignalWorkflowExecutionRequest signal:
                Execution(signal.WorkflowExecution);
                Set(signal.SignalName, "SignalName");
                Length(signal.SignalName, "SignalName");
                Length(signal.RequestId, "RequestId");
                LinkRules.Check(signal.Links);
                Blob(signal.Input);
                break;
            case RequestCancelWorkflowExecutionRequest cancel:
                Execution(cancel.WorkflowExecution);
                LinkRules.Check(cancel.Links);
                break;
            case TerminateWorkflowExecutionRequest terminate:
                Execution(terminate.WorkflowExecution);
                LinkRules.Check(terminate.Links);
                Blob(terminate.Details);
                break;
            case DeleteWorkflowExecutionRequest delete:
                Execution(delete.WorkflowExecution);
                break;
            case DescribeWorkflowExecutionRequest describe:
                Execution(describe.Execution);
                break;
            case GetWorkflowExecutionHistoryRequest history:
                Execution(history.Execution);
                break;
            case GetWorkflowExecutionHistoryReverseRequest history:
                Execution(history.Execution);
                break;
            case ResetStickyTaskQueueRequest reset:
                Execution(reset.Execution);
                break;
            case QueryWorkflowRequest query:
                Execution(query.Execution);
                Set(query.Query?.QueryType, "WorkflowQuery");
                Blob(query.Query?.QueryArgs);
                break;
            case UpdateWorkflowExecutionRequest update:
                Execution(update.WorkflowExecution);
                Set(update.Request?.Input?.Name, "Update name");
                Length(update.Request?.Meta?.UpdateId ?? "", "UpdateId");
                Blob(update.Request?.Input?.Args);
                break;
            case PollWorkflowExecutionUpdateRequest poll:
                Execution(poll.UpdateRef?.WorkflowExecution);
                Set(poll.UpdateRef?.UpdateId, "UpdateId");
                break;
            case PollWorkflowTaskQueueRequest poll:
                Poll(poll.TaskQueue, poll.Identity, context);
                break;
            case PollActivityTaskQueueRequest poll:
                Poll(poll.TaskQueue, poll.Identity, context);
                break;
            case DescribeTaskQueueRequest describe:
                Queue(describe.TaskQueue);
                break;
            default:
                Answer(request);
                break;
        }
    }

    public static void Set(string? value, string name)
    {
        if (string.IsNullOrEmpty(value))
        {
            throw EngineException.InvalidArgument($"{name} is not set on request.");
        }
    }

    public static void Length(string value, string name)
    {
        if (IsTooLong(value))
        {
            throw EngineException.InvalidArgument($"{name} length exceeds limit.");
        }
    }

    public static void Queue(TaskQueue? queue)
    {
        var complaint = queue switch
        {
            null => "taskQueue is not set",
            { Name.Length: 0 } => "missing task queue name",
            _ when IsTooLong(queue.Name) => "taskQueue length exceeds limit",
            _ when queue.Name.StartsWith(ReservedQueuePrefix, StringComparison.Ordinal) =>
                $"task queue name cannot start with reserved prefix {ReservedQueuePrefix}",
            _ when queue.Name == InternalQueue => $"cannot use internal per-namespace task queue:{InternalQueue}",
            _ => null,
        };
        if (complaint is not null)
        {
            throw EngineException.InvalidArgument(complaint);
        }
    }

    public static void Blob(IMessage? blob)
    {
        if (blob?.CalculateSize() > BlobBytesMax)
        {
            throw EngineException.InvalidArgument("Blob data size exceeds limit.");
        }
    }

    public static bool IsTooLong(string value) =>
        value.Length > NameBytesMax || System.Text.Encoding.UTF8.GetByteCount(value) > NameBytesMax;

    private static void Execution(WorkflowExecution? execution)
    {
        if (execution is null)
        {
            throw EngineException.InvalidArgument("Execution is not set on request.");
        }

        Set(execution.WorkflowId, "WorkflowId");
        if (execution.RunId.Length > 0 && !Guid.TryParse(execution.RunId, out _))
        {
            throw EngineException.InvalidArgument("Invalid RunId.");
        }
    }

    private static void Poll(TaskQueue? queue, string identity, CallContext context)
    {
        if (context.Deadline is not { } deadline)
        {
            throw EngineException.InvalidArgument("Context timeout is not set.");
        }

        if (deadline - DateTimeOffset.UtcNow < PollTimeoutMin)
        {
            throw new EngineException(StatusCode.FailedPrecondition, "Context timeout is too short.");
        }

        Length(identity, "identity");
        Queue(queue);
    }

    /// <summary>Answers of workers: none may have an identity without end, and activities fail as applications do.</summary>
    private static void Answer(IMessage request)
    {
        var (identity, failure) = request switch
        {
            RespondWorkflowTaskCompletedRequest answer => (answer.Identity, null),
            RespondWorkflowTaskFailedRequest answer => (answer.Identity, null),
            RespondActivityTaskCompletedRequest answer => (answer.Identity, null),
            RespondActivityTaskCompletedByIdRequest answer => (answer.Identity, null),
            RespondActivityTaskFailedRequest answer => (answer.Identity, answer.Failure),
            RespondActivityTaskFailedByIdRequest answer => (answer.Identity, answer.Failure),
            RespondActivityTaskCanceledRequest answer => (answer.Identity, null),
            RespondActivityTaskCanceledByIdRequest answer => (answer.Identity, null),
            _ => ("", default(Failure)),
        };
        Length(identity, "identity");
        if (failure is { ApplicationFailureInfo: null })
        {
            throw EngineException.InvalidArgument("Failure must have ApplicationFailureInfo.");
        }
    }
}
