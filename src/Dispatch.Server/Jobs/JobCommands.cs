using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Server.Jobs;

/// <summary>Sends commands to jobs as workflow updates; a finished job answers with its final report.</summary>
internal sealed class JobCommands(ITemporalClient client, JobReader reader)
{
    /// <summary>How long a command may take to be in force; a job whose workflow host is away answers later, by itself.</summary>
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(55);

    /// <summary>Sends one command.</summary>
    /// <param name="job">The job.</param>
    /// <param name="update">The update's name.</param>
    /// <param name="request">The update's argument.</param>
    /// <param name="token">Ends the call, not the command.</param>
    /// <returns>What came of it.</returns>
    public async Task<CommandResult> SendAsync(JobId job, string update, CommandRequest request, CancellationToken token)
    {
        Check(request);
        var (_, found) = await reader.FindAsync(job, token).ConfigureAwait(false);
        if (found.Status != WorkflowExecutionStatus.Running)
            return await FinishedAsync(job, token).ConfigureAwait(false);
        try
        {
            var options = new WorkflowUpdateOptions(request.CommandId ?? Guid.NewGuid().ToString("N")) { Rpc = new() { CancellationToken = token, Timeout = CommandTimeout } };
            return await client.GetWorkflowHandle(job.Value, found.RunId).ExecuteUpdateAsync<CommandResult>(update, [request], options).ConfigureAwait(false);
        }
        catch (WorkflowUpdateFailedException e) when (e.InnerException is ApplicationFailureException failure)
        {
            throw new DispatchException(ErrorCatalogue.Parse(failure.ErrorType), failure.Message, e);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return await FinishedAsync(job, token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WorkflowUpdateRpcTimeoutOrCanceledException && !token.IsCancellationRequested)
        {
            throw new DispatchException(ErrorCode.InternalError, $"The command was not in force within {CommandTimeout.TotalSeconds:0} s; see whether a workflow host runs. It may still take effect.", e);
        }
    }

    private static void Check(CommandRequest request)
    {
        var errors = new List<Contracts.Jobs.SpecError>();
        if (string.IsNullOrWhiteSpace(request.RequestedBy))
            errors.Add(new("requestedBy", request.RequestedBy, "says who asks; it must not be blank"));
        if (string.IsNullOrWhiteSpace(request.Reason))
            errors.Add(new("reason", request.Reason, "says why; it must not be blank"));
        if (errors.Count > 0)
            throw new Problems.CallRefused(errors);
    }

    private async Task<CommandResult> FinishedAsync(JobId job, CancellationToken token)
    {
        var view = await reader.GetAsync(job, TimeSpan.Zero, token).ConfigureAwait(false);
        var how = view.ClosedBy ?? view.Reason?.ToString() ?? "closed";
        return new() { Applied = false, Message = $"{job} has ended already ({how}{(view.ExitCode is { } code ? $", exit code {code}" : "")}).", Report = view.Report };
    }
}
