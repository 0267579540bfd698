using System.Text.Json;
using Dispatch.Contracts;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Dispatch.Workflows.Tests.Runs;

/// <summary>A user's own workflow that starts a job as a child.</summary>
[Workflow]
public sealed class ParentWorkflow
{
    [WorkflowRun]
    public async Task<string> RunAsync(string spec, string childId)
    {
        using var json = JsonDocument.Parse(spec);
        try
        {
            var report = await Workflow.ExecuteChildWorkflowAsync<JsonElement>(
                JobNames.Workflow, [json.RootElement.Clone()], new() { Id = childId, TaskQueue = JobNames.TaskQueue, ParentClosePolicy = ParentClosePolicy.RequestCancel });
            return report.GetProperty("reason").GetString()!;
        }
        catch (ChildWorkflowFailureException failure)
        {
            return ((ApplicationFailureException)failure.InnerException!).ErrorType!;
        }
    }
}
