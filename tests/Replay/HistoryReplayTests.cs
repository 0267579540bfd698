using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Workflows.Replay;
using Temporalio.Api.Common.V1;

namespace Dispatch.Replay.Tests;

/// <summary>Every recorded history, replayed against this build. The folder only ever grows.</summary>
public sealed class HistoryReplayTests
{
    public static TheoryData<string> Names => [.. KeptHistories.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task This_build_does_what_the_history_says(string name)
    {
        var outcome = await KeptHistories.ReplayAsync(name);
        Assert.True(outcome.Same, string.Join(Environment.NewLine, outcome.Differences));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_operations_of_the_history_keep_the_laws(string name)
    {
        var folded = HistoryOperations.Fold(KeptHistories.Read(name).Events);
        Assert.True(folded.Complete, string.Join(Environment.NewLine, folded.Problems));
        Assert.Empty(OperationLaws.Check(folded.List, closed: true));
    }

    [Fact]
    public void There_is_a_history_for_every_termination_reason()
    {
        var reasons = KeptHistories.Names.Select(name => HistoryOperations.Fold(KeptHistories.Read(name).Events).List[^1].Reason).ToHashSet();
        Assert.Empty(Enum.GetNames<TerminationReason>().Except(reasons!));
    }

    [Fact]
    public async Task A_changed_operation_is_reported_as_what_and_where()
    {
        var history = KeptHistories.Read("success");
        var recorded = history.Events.First(entry => entry.WorkflowPropertiesModifiedEventAttributes is not null);
        var payload = recorded.WorkflowPropertiesModifiedEventAttributes.UpsertedMemo.Fields[OperationKeys.Of(1)];
        payload.Data = Google.Protobuf.ByteString.CopyFromUtf8(payload.Data.ToStringUtf8().Replace("\"default\"", "\"other\"", StringComparison.Ordinal));
        var difference = Assert.Single((await JobReplayer.ReplayAsync(history)).Differences);
        Assert.Equal(("operation", $"dispatch.op.0001 (event {recorded.EventId})"), (difference.What, difference.Where));
        Assert.Contains("\"other\"", difference.Recorded!, StringComparison.Ordinal);
        Assert.Contains("\"default\"", difference.Replayed!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_command_is_reported()
    {
        var history = KeptHistories.Read("success");
        var scheduled = history.Events.First(entry => entry.ActivityTaskScheduledEventAttributes is not null);
        scheduled.ActivityTaskScheduledEventAttributes.ActivityType = new ActivityType { Name = "Other" };
        Assert.Contains((await JobReplayer.ReplayAsync(history)).Differences, difference => difference.What == "order of commands");
    }

    [Fact]
    public async Task A_history_of_another_workflow_is_told_apart()
    {
        var history = KeptHistories.Read("success");
        history.Events.First().WorkflowExecutionStartedEventAttributes.WorkflowType = new WorkflowType { Name = "Other" };
        Assert.Contains((await JobReplayer.ReplayAsync(history)).Differences, difference => difference.What == "history");
    }

    [Fact]
    public async Task A_history_that_goes_on_is_replayed_as_far_as_it_is()
    {
        var whole = KeptHistories.Read("success");
        for (var events = 4; events < whole.Events.Count; events++)
        {
            var outcome = await JobReplayer.ReplayAsync(HistoryFile.Of([.. whole.Events.Take(events)]));
            if (whole.Events.ElementAt(events - 1).EventType is not (Temporalio.Api.Enums.V1.EventType.WorkflowTaskStarted or Temporalio.Api.Enums.V1.EventType.ActivityTaskScheduled)) continue;
            Assert.True(outcome.Same, $"{events} events: {string.Join(Environment.NewLine, outcome.Differences)}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"events":[]}""")]
    [InlineData("""{"events":[{"eventId":"5"}]}""")]
    public void What_is_no_history_is_refused_with_a_sentence(string text) =>
        Assert.Contains("history", Assert.Throws<FormatException>(() => HistoryFile.Read(text)).Message, StringComparison.Ordinal);
}
