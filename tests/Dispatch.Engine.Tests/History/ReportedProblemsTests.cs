using Dispatch.Engine.History;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Tests.History;

public class ReportedProblemsTests
{
    private const string Attribute = "TemporalReportedProblems";

    [Fact]
    public void A_workflow_task_that_fails_five_times_is_shown_until_one_completes()
    {
        var run = new ScriptedRun();
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            run.TakeTask();
            run.FailTask();
        }

        Assert.False(run.State.SearchAttributes.ContainsKey(Attribute));
        run.TakeTask();
        run.FailTask();
        Assert.Equal(
            ["category=WorkflowTaskFailed", "cause=WorkflowTaskFailedCauseWorkflowWorkerUnhandledFailure"],
            KeywordLists.Read(run.State.SearchAttributes[Attribute]));
        Assert.Same(run.State.SearchAttributes, run.Effects.OfType<Effect.RecordVisibility>().Last().State.SearchAttributes);

        run.TakeTask();
        run.Complete();
        Assert.False(run.State.SearchAttributes.ContainsKey(Attribute));
        Assert.False(run.Effects.OfType<Effect.RecordVisibility>().Last().State.SearchAttributes.ContainsKey(Attribute));
    }

    [Fact]
    public void A_workflow_task_that_times_out_again_and_again_is_shown_as_such()
    {
        var run = new ScriptedRun();
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            Assert.True(run.TakeTask());
            run.Wait(700);
        }

        Assert.Equal(
            ["category=WorkflowTaskTimedOut", "cause=WorkflowTaskTimedOutCauseStartToClose"],
            KeywordLists.Read(run.State.SearchAttributes[Attribute]));
    }

    [Fact]
    public void A_run_of_too_many_events_is_told_to_continue_as_new_and_why()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete([.. Enumerable.Range(0, HistoryLimits.HistoryEventsSuggest).Select(number => Commands.Marker($"m{number}"))]);
        run.Signal();
        run.TakeTask();

        var started = run.Events[^1].WorkflowTaskStartedEventAttributes;
        Assert.True(started.SuggestContinueAsNew);
        Assert.Equal([SuggestContinueAsNewReason.TooManyHistoryEvents], started.SuggestContinueAsNewReasons);
    }
}
