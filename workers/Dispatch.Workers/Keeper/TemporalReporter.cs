using Dispatch.Contracts.Workers;
using Dispatch.Workers.Attempts;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Workers.Keeper;

/// <summary>Speaks to Temporal with the official client, and puts its answers into the words of the hand-over's table.</summary>
/// <param name="client">Ends with the client once it is connected: what is said before waits for that, for as long as an answer may take.</param>
internal sealed class TemporalReporter(Task<ITemporalClient> client) : IActivityReporter
{
    /// <inheritdoc/>
    public Task<TemporalAnswer> HeartbeatAsync(ActivityToken token, LeaseStatement statement, TimeSpan limit, CancellationToken cancellationToken) =>
        AskAsync(
            token,
            (handle, rpc) => handle.HeartbeatAsync(new() { Details = [statement], Rpc = rpc }),
            limit,
            cancellationToken);

    /// <inheritdoc/>
    public Task<TemporalAnswer> ReportAsync(ActivityToken token, AttemptReport report, TimeSpan limit, CancellationToken cancellationToken) =>
        AskAsync(
            token,
            (handle, rpc) => report switch
            {
                { Result: { } result } => handle.CompleteAsync(result, new() { Rpc = rpc }),
                { Failure: { } failure } => handle.FailAsync(ActivityFailures.Of(failure), new() { Rpc = rpc }),
                _ => throw new InvalidOperationException("A report has a result or a failure."),
            },
            limit,
            cancellationToken);

    private async Task<TemporalAnswer> AskAsync(
        ActivityToken token, Func<AsyncActivityHandle, RpcOptions, Task> ask, TimeSpan limit, CancellationToken cancellationToken)
    {
        ITemporalClient connected;
        try
        {
            connected = await client.WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return TemporalAnswer.NotAccepted;
        }

        RpcOptions Rpc() => new() { Retry = false, Timeout = limit, CancellationToken = cancellationToken };
        try
        {
            await ask(connected.GetAsyncActivityHandle(token.Token), Rpc()).ConfigureAwait(false);
            return TemporalAnswer.Accepted;
        }
        catch (AsyncActivityCanceledException)
        {
            return TemporalAnswer.CancelRequested;
        }
        catch (RpcException missing) when (missing.Code == RpcException.StatusCode.NotFound)
        {
            return await DescribeAsync(connected, token, Rpc()).ConfigureAwait(false);
        }
        catch (Exception refused) when (refused is RpcException or RpcTimeoutOrCanceledException || (refused is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return TemporalAnswer.NotAccepted;
        }
    }

    private static async Task<TemporalAnswer> DescribeAsync(ITemporalClient connected, ActivityToken token, RpcOptions rpc)
    {
        try
        {
            var description = await connected.GetWorkflowHandle(token.WorkflowId, runId: token.RunId).DescribeAsync(new() { Rpc = rpc }).ConfigureAwait(false);
            return description.Status is WorkflowExecutionStatus.Running or WorkflowExecutionStatus.Unspecified ? TemporalAnswer.RunOpen : TemporalAnswer.RunClosed;
        }
        catch (RpcException unknown) when (unknown.Code == RpcException.StatusCode.NotFound)
        {
            return TemporalAnswer.RunClosed;
        }
        catch (Exception refused) when (refused is RpcException or RpcTimeoutOrCanceledException or OperationCanceledException)
        {
            return TemporalAnswer.NotAccepted;
        }
    }
}
