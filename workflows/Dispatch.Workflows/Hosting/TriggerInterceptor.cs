using Dispatch.Contracts;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;

namespace Dispatch.Workflows.Hosting;

/// <summary>Lets a client of ours say who starts a job: the header <c>dispatch-trigger</c> of each start of workflow type <c>Job</c>.</summary>
/// <param name="trigger">Gives the trigger of the start under way, such as <c>cli</c> or <c>endpoint(10.0.0.7)</c>; null says nothing.</param>
public sealed class TriggerInterceptor(Func<string?> trigger) : IClientInterceptor
{
    /// <inheritdoc/>
    public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new Outbound(nextInterceptor, trigger);

    private sealed class Outbound(ClientOutboundInterceptor next, Func<string?> trigger) : ClientOutboundInterceptor(next)
    {
        public override Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input)
        {
            if (input.Workflow != JobNames.Workflow || trigger() is not { } text) return base.StartWorkflowAsync<TWorkflow, TResult>(input);
            var headers = input.Headers is null ? new Dictionary<string, Payload>() : new Dictionary<string, Payload>(input.Headers);
            headers[JobNames.TriggerHeader] = DataConverter.Default.PayloadConverter.ToPayload(text);
            return base.StartWorkflowAsync<TWorkflow, TResult>(input with { Headers = headers });
        }
    }
}
