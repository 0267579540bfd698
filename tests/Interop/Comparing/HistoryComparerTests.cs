using Dispatch.Interop.Tests.Recordings;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Interop.Tests.Comparing;

/// <summary>The comparer must see what differs, and only that: recorded histories, altered.</summary>
public sealed class HistoryComparerTests
{
    [RecordedFact]
    public void Every_recorded_history_is_the_same_as_itself()
    {
        foreach (var run in Recorded.Names.SelectMany(name => Recorded.Read(name).Runs))
            Assert.Empty(new HistoryComparer().Compare(run.Events, run.Events));
    }

    [RecordedFact]
    public void No_two_recorded_scenarios_are_the_same()
    {
        var runs = Recorded.Names.Select(name => Recorded.Read(name)).Where(scenario => scenario.Runs.Count > 0).Select(scenario => scenario.Runs[0]).ToArray();
        foreach (var (left, right) in runs.Zip(runs.Skip(1)))
            Assert.NotEmpty(new HistoryComparer().Compare(left.Events, right.Events));
    }

    [RecordedFact]
    public void Nothing_recorded_is_lost_in_reading()
    {
        foreach (var run in Recorded.Names.SelectMany(name => Recorded.Read(name).Runs))
        {
            foreach (var (raw, read) in run.Raw.Zip(run.Events))
                Assert.Empty(Paths(raw!).Except(Paths(System.Text.Json.Nodes.JsonNode.Parse(JsonFormatter.Default.Format(read))!)).Select(path => $"{run.WorkflowId} {read.EventId}: {path}"));
        }
    }

    /// <summary>What is altered in a history of a job's shape, and the end of the path where it must be seen.</summary>
    public static TheoryData<string, Action<IList<HistoryEvent>>> Alterations() => new()
    {
        { "events", events => events.RemoveAt(events.Count - 2) },
        { "events", events => (events[4], events[6]) = (events[6], events[4]) },
        { "events", events => events.Add(events[^1].Clone()) },
        { "/eventId", events => events[3].EventId = 40 },
        { "/activityId", events => events[6].ActivityTaskScheduledEventAttributes.ActivityId = "run-2" },
        { "/activityType/name", events => events[6].ActivityTaskScheduledEventAttributes.ActivityType.Name = "other" },
        { "/heartbeatTimeout", events => events[6].ActivityTaskScheduledEventAttributes.HeartbeatTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(6)) },
        { "/heartbeatTimeout", events => events[6].ActivityTaskScheduledEventAttributes.HeartbeatTimeout = null },
        { "/retryPolicy/maximumInterval", events => events[6].ActivityTaskScheduledEventAttributes.RetryPolicy.MaximumInterval = null },
        { "/workflowTaskCompletedEventId", events => events[6].ActivityTaskScheduledEventAttributes.WorkflowTaskCompletedEventId = 3 },
        { "/header", events => events[6].ActivityTaskScheduledEventAttributes.Header = new() { Fields = { ["h"] = new Payload() } } },
        { "/attempt", events => events[7].ActivityTaskStartedEventAttributes.Attempt = 2 },
        { "/lastFailure", events => events[7].ActivityTaskStartedEventAttributes.LastFailure = new Failure { Message = "x" } },
        { "/identity", events => events[7].ActivityTaskStartedEventAttributes.Identity = "somebody" },
        { "/kind", events => events[9].WorkflowTaskScheduledEventAttributes.TaskQueue.Kind = TaskQueueKind.Normal },
        { "/normalName", events => events[9].WorkflowTaskScheduledEventAttributes.TaskQueue.NormalName = "other" },
        { "/startedEventId", events => events[8].ActivityTaskCompletedEventAttributes.StartedEventId = 7 },
        { "/result/payloads[0]/json", events => events[14].WorkflowExecutionCompletedEventAttributes.Result.Payloads_[0].Data = ByteString.CopyFromUtf8("\"exit 1\"") },
        { "/result/payloads[0]/metadata/encoding", events => events[14].WorkflowExecutionCompletedEventAttributes.Result.Payloads_[0].Metadata["encoding"] = ByteString.CopyFromUtf8("binary/plain") },
        { "/result/payloads", events => events[14].WorkflowExecutionCompletedEventAttributes.Result.Payloads_.Add(new Payload()) },
        { "/json/activity_id", events => Alter(events[4].MarkerRecordedEventAttributes.Details["data"].Payloads_[0], "op-1", "op-9") },
        { "/json/seq", events => Alter(events[4].MarkerRecordedEventAttributes.Details["data"].Payloads_[0], "\"seq\":1", "\"seq\":7") },
        { "/markerName", events => events[4].MarkerRecordedEventAttributes.MarkerName = "other" },
        { "/failure", events => events[4].MarkerRecordedEventAttributes.Failure = new Failure { Message = "x" } },
        { "/firstExecutionRunId", events => events[0].WorkflowExecutionStartedEventAttributes.FirstExecutionRunId = "another" },
        { "/requestId", events => events[10].WorkflowTaskStartedEventAttributes.RequestId = events[2].WorkflowTaskStartedEventAttributes.RequestId },
        { "/workflowTaskTimeout", events => events[0].WorkflowExecutionStartedEventAttributes.WorkflowTaskTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(11)) },
        { "/memo", events => events[0].WorkflowExecutionStartedEventAttributes.Memo = new() { Fields = { ["k"] = new Payload() } } },
        { "/userMetadata", events => events[6].UserMetadata = new() { Summary = new Payload { Data = ByteString.CopyFromUtf8("x") } } },
    };

    [RecordedTheory]
    [MemberData(nameof(Alterations), DisableDiscoveryEnumeration = true)]
    public void A_real_difference_is_seen(string where, Action<IList<HistoryEvent>> alter)
    {
        var recorded = Recorded.Read("la-dispatch-shape").Runs[0].Events;
        var altered = recorded.Select(entry => entry.Clone()).ToList();
        alter(altered);
        Assert.Contains(new HistoryComparer().Compare(recorded, altered), seen => seen.Path.EndsWith(where, StringComparison.Ordinal));
    }

    [RecordedFact]
    public void What_differs_by_its_nature_is_not_held_against_it()
    {
        var recorded = Recorded.Read("la-dispatch-shape").Runs[0].Events;
        var other = recorded.Select(entry => entry.Clone()).ToList();
        foreach (var entry in other)
        {
            entry.EventTime = Timestamp.FromDateTime(DateTime.UnixEpoch);
            entry.TaskId += 1000;
        }

        (other[0].WorkflowExecutionStartedEventAttributes.OriginalExecutionRunId, other[0].WorkflowExecutionStartedEventAttributes.FirstExecutionRunId) = ("run", "run");
        other[2].WorkflowTaskStartedEventAttributes.RequestId = "request";
        other[2].WorkflowTaskStartedEventAttributes.HistorySizeBytes = 1;
        other[3].WorkflowTaskCompletedEventAttributes.SdkMetadata.SdkName = "temporal-dotnet";
        other[9].WorkflowTaskScheduledEventAttributes.TaskQueue.Name = "sticky";
        Alter(other[4].MarkerRecordedEventAttributes.Details["data"].Payloads_[0], "\"nanos\":411555076", "\"nanos\":1");
        Assert.Empty(new HistoryComparer().Compare(recorded, other));
    }

    [RecordedFact]
    public void An_id_stands_for_the_same_id_in_all_histories_of_a_scenario()
    {
        var scenario = Recorded.Read("child-success");
        var comparer = new HistoryComparer();
        Assert.Empty(comparer.Compare(scenario.Runs[0].Events, scenario.Runs[0].Events));
        var child = scenario.Runs[1].Events.Select(entry => entry.Clone()).ToList();
        child[0].WorkflowExecutionStartedEventAttributes.ParentWorkflowExecution.RunId = "another";
        Assert.Contains(comparer.Compare(scenario.Runs[1].Events, child), seen => seen.Path.EndsWith("/parentWorkflowExecution/runId", StringComparison.Ordinal));
    }

    [RecordedFact]
    public void Only_the_wording_of_the_server_is_free()
    {
        var recorded = Recorded.Read("act-timeouts").Runs[0].Events;
        var ours = recorded.Select(entry => entry.Clone()).ToList();
        var timedOut = ours.First(entry => entry.EventType == EventType.ActivityTaskTimedOut).ActivityTaskTimedOutEventAttributes;
        timedOut.Failure.Message = "it took too long";
        Assert.Empty(new HistoryComparer().Compare(recorded, ours));
        timedOut.Failure.TimeoutFailureInfo.TimeoutType = TimeoutType.Heartbeat;
        timedOut.RetryState = RetryState.Timeout;
        Assert.Equal(2, new HistoryComparer().Compare(recorded, ours).Count);

        recorded = Recorded.Read("fail-application").Runs[0].Events;
        ours = [.. recorded.Select(entry => entry.Clone())];
        ours[^1].WorkflowExecutionFailedEventAttributes.Failure.Message = "bang";
        Assert.EndsWith("/failure/message", Assert.Single(new HistoryComparer().Compare(recorded, ours)).Path, StringComparison.Ordinal);
    }

    private static void Alter(Payload payload, string from, string to)
    {
        var text = payload.Data.ToStringUtf8();
        Assert.Contains(from, text, StringComparison.Ordinal);
        payload.Data = ByteString.CopyFromUtf8(text.Replace(from, to, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Paths(System.Text.Json.Nodes.JsonNode node) => node switch
    {
        System.Text.Json.Nodes.JsonObject map => map.SelectMany(item => Paths(item.Value!).Select(rest => $"/{item.Key}{rest}")),
        System.Text.Json.Nodes.JsonArray list => list.SelectMany((item, i) => Paths(item!).Select(rest => $"[{i}]{rest}")),
        _ => [""],
    };
}
