using Temporalio.Activities;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Dispatch.Benchmarks.Loads;

/// <summary>How much a shape does before its activity.</summary>
/// <param name="LocalActivities">Local activities, one after the other.</param>
/// <param name="Upserts">Upserts of the memo, and as many of search attributes.</param>
public sealed record ShapePlan(int LocalActivities, int Upserts);

/// <summary>A job stripped to what the engine and the SDK do for it: start, local activities, one activity on another queue, result.</summary>
[Workflow("Shape")]
public sealed class ShapeWorkflow
{
    public const string WorkflowQueue = "shapes";
    public const string ActivityQueue = "shapes-run";
    public static readonly SearchAttributeKey<string> State = SearchAttributeKey.CreateKeyword("ShapeState");

    [WorkflowRun]
    public async Task<int> RunAsync(ShapePlan plan)
    {
        var sum = 0;
        for (var number = 0; number < plan.LocalActivities; number++)
            sum += await Workflow.ExecuteLocalActivityAsync((ShapeActivities all) => all.Place(number), new() { ScheduleToCloseTimeout = TimeSpan.FromSeconds(10) });
        if (plan.Upserts > 0)
            Upsert("Sent");
        sum += await Workflow.ExecuteActivityAsync((ShapeActivities all) => all.Run(1), new() { TaskQueue = ActivityQueue, StartToCloseTimeout = TimeSpan.FromMinutes(1) });
        if (plan.Upserts > 1)
            Upsert("Closed");
        return sum;
    }

    private static void Upsert(string state)
    {
        Workflow.UpsertMemo(MemoUpdate.ValueSet("shape." + state, state));
        Workflow.UpsertTypedSearchAttributes(State.ValueSet(state));
    }
}

/// <summary>Activities that do nothing.</summary>
public sealed class ShapeActivities
{
    [Activity]
    public int Place(int number) => number;

    [Activity]
    public int Run(int number) => number;
}
