using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Runs;
using Temporalio.Workflows;

namespace Dispatch.Integration.Tests.Acceptance;

/// <summary>A workflow of a user's own that runs a job as a child.</summary>
[Workflow("Parent")]
public sealed class ParentWorkflow
{
    [WorkflowRun]
    public async Task<string> RunAsync(JsonElement spec)
    {
        var report = await Workflow.ExecuteChildWorkflowAsync<JobReport>(JobNames.Workflow, [spec], new() { Id = Workflow.Info.WorkflowId + "-child", TaskQueue = JobNames.TaskQueue });
        return $"{report.Reason} {report.Outcome.Code}";
    }
}
