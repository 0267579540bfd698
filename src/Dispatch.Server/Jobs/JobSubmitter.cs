using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Registry.Pools;
using Dispatch.Server.Problems;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Server.Jobs;

/// <summary>Starts jobs: a spec is refused before anything starts, an id that exists answers with the existing job where the spec is the same.</summary>
internal sealed class JobSubmitter(ITemporalClient client, PoolSet pools, TimeProvider time)
{
    /// <summary>Longest id of a job, characters.</summary>
    public const int IdCharsMax = 200;

    /// <summary>Starts the job, or finds it.</summary>
    /// <param name="submission">Id and spec.</param>
    /// <param name="trigger">Who starts it, as in operation <c>ConversationOpened</c>.</param>
    /// <param name="token">Ends the call.</param>
    /// <returns>The job.</returns>
    public async Task<JobAccepted> SubmitAsync(JobSubmission submission, string trigger, CancellationToken token)
    {
        var spec = Read(submission);
        var job = new JobId(submission.Id ?? JobIds.Next(time));
        var request = Request(job, JobSpecWriter.Write(spec), trigger);
        try
        {
            var answer = await client.Connection.WorkflowService.StartWorkflowExecutionAsync(request, new() { CancellationToken = token, Retry = true }).ConfigureAwait(false);
            if (answer.Started)
                return new() { Id = job, Conversation = new(answer.RunId), RunId = answer.RunId, Created = true, State = JobState.Queued };
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.AlreadyExists)
        {
            // A closed job of this id: it is the same job where the spec is.
        }

        return await ExistingAsync(job, spec, token).ConfigureAwait(false);
    }

    /// <summary>Checks a submission without starting anything; what is wrong is thrown, all at once.</summary>
    /// <param name="submission">Id and spec.</param>
    /// <returns>The spec as read.</returns>
    public JobSpec Read(JobSubmission submission)
    {
        var errors = new List<SpecError>();
        if (submission.Id is { } id && (id.Length is 0 or > IdCharsMax || HiddenCharacters.In(id) || id.AsSpan().ContainsAny('/', '\\') || id.Trim() != id || id is "." or ".."))
            errors.Add(new("id", id.Length > 100 ? id[..100] : id, $"must have 1 to {IdCharsMax} characters, without slashes, control and format characters (those that cannot be seen), without blanks at its ends, and is not . or .."));
        if (submission.Spec.ValueKind == System.Text.Json.JsonValueKind.Undefined)
            throw new SpecRefused([.. errors, new("spec", null, "is missing: send {\"id\": \"…\", \"spec\": {\"image\": \"…\", \"command\": […]}}; the id may be left out")]);
        var reading = JobSpecReader.Read(submission.Spec);
        var refusal = reading.Draft is { } draft && reading.Errors.All(error => error.Field != "pool") ? pools.Refusal(draft) : null;
        errors.AddRange(reading.ErrorsWith(refusal?.Errors ?? []));
        return errors.Count == 0 ? reading.Spec!
            : throw new SpecRefused(errors, errors.Count == refusal?.Errors.Count ? refusal.Value.Code : ErrorCode.InvalidJobSpec);
    }

    private async Task<JobAccepted> ExistingAsync(JobId job, JobSpec spec, CancellationToken token)
    {
        var handle = client.GetWorkflowHandle(job.Value);
        var found = await handle.DescribeAsync(new() { Rpc = new() { CancellationToken = token } }).ConfigureAwait(false);
        handle = client.GetWorkflowHandle(job.Value, found.RunId);
        var bytes = await JobHistory.SpecAsync(handle, token).ConfigureAwait(false);
        var existing = bytes is null ? null : JobSpecReader.Read(bytes).Spec;
        if (found.WorkflowType != JobNames.Workflow || existing is null || SpecDigest.Of(existing) != SpecDigest.Of(spec))
            throw new DispatchException(ErrorCode.JobAlreadyExists, $"A job '{job}' exists already (run {found.RunId}) and its spec is another one.");
        var operations = JobHistory.Operations(found.Memo);
        return new()
        {
            Id = job,
            Conversation = JobHistory.Conversation(operations, found.RunId),
            RunId = found.RunId,
            Created = false,
            State = found.Status == Temporalio.Api.Enums.V1.WorkflowExecutionStatus.Running ? JobState.Queued : JobState.Closed,
        };
    }

    private StartWorkflowExecutionRequest Request(JobId job, byte[] spec, string trigger) => new()
    {
        Namespace = client.Options.Namespace,
        WorkflowId = job.Value,
        WorkflowType = new WorkflowType { Name = JobNames.Workflow },
        TaskQueue = new TaskQueue { Name = JobNames.TaskQueue },
        Input = new Payloads { Payloads_ = { Json(ByteString.CopyFrom(spec)) } },
        Header = new Header { Fields = { [JobNames.TriggerHeader] = Json(ByteString.CopyFrom(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(trigger))) } },
        Identity = client.Connection.Options.Identity ?? "dispatch-server",
        RequestId = Guid.NewGuid().ToString(),
        WorkflowIdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate,
        WorkflowIdConflictPolicy = WorkflowIdConflictPolicy.UseExisting,
    };

    private static Payload Json(ByteString data) => new() { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") }, Data = data };
}
