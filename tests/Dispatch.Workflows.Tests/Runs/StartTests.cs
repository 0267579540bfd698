using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Runs;
using Dispatch.Workflows.Hosting;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Worker;

namespace Dispatch.Workflows.Tests.Runs;

/// <summary>Ways in which a job is started, and what others see of it.</summary>
public sealed class StartTests(JobWorld world) : IClassFixture<JobWorld>
{
    [Theory]
    [InlineData(0, "WorkloadExited")]
    [InlineData(3, "NonZeroExit")]
    public async Task A_job_can_be_the_child_of_a_users_workflow(int code, string result)
    {
        world.Script($"child-{code}", new() { Run = input => Task.FromResult(JobScript.Exit(input, code)) });
        var options = new TemporalWorkerOptions("users-own").AddWorkflow<ParentWorkflow>();
        var client = await world.ConnectAsync(converter: false);
        using var worker = new TemporalWorker(client, options);
        await worker.ExecuteAsync(async () => Assert.Equal(result, await client.ExecuteWorkflowAsync(
            (ParentWorkflow parent) => parent.RunAsync("""{"process":["x"]}""", $"child-{code}"), new($"parent-{code}", "users-own"))));
        var run = await world.EndAsync(world.Client.GetWorkflowHandle($"child-{code}"));
        Assert.Equal($"child(parent-{code})", run.Operations[0].Trigger);
    }

    [Fact]
    public async Task What_arrives_before_the_first_task_is_heard()
    {
        world.Script("early", new() { Place = ask => JobScript.Waiting(ask) });
        var handle = await world.Client.StartWorkflowAsync(JobNames.Workflow, [new { process = new[] { "x" } }], new("early", "dispatch-late"));
        await handle.SignalAsync(JobNames.Nudge, []);
        var priority = handle.ExecuteUpdateAsync<CommandResult>(JobNames.SetPriority, [new PriorityRequest { RequestedBy = "ann", Reason = "first", Priority = 90 }]);
        await Task.WhenAny(priority, Task.Delay(200));
        using var host = JobHost.Create(world.Client, world, new() { TaskQueue = "dispatch-late" });
        using var stop = new CancellationTokenSource();
        var running = host.ExecuteAsync(stop.Token);
        Assert.True((await priority).Applied);
        await handle.CancelAsync();
        var run = await world.EndAsync(handle);
        Assert.Equal("Opened Closed(CancelledBeforeStart)", run.Steps);
        Assert.Equal(90, run.Asks[0].Priority);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Search_attributes_show_pool_state_worker_reason_owner_name_and_labels()
    {
        var run = await world.RunAsync("indexed", new(), """{"process":["x"],"name":"night run","owner":"ann","labels":{"team":"a","tier":"1"}}""");
        Assert.Equal(2, run.Count(EventType.UpsertWorkflowSearchAttributes));
        var found = await world.Client.GetWorkflowHandle("indexed").DescribeAsync();
        var attributes = found.TypedSearchAttributes;
        Assert.Equal("default", attributes.Get(SearchAttributeKey.CreateKeyword("DispatchPool")));
        Assert.Equal("Closed", attributes.Get(SearchAttributeKey.CreateKeyword("DispatchState")));
        Assert.Equal("w1", attributes.Get(SearchAttributeKey.CreateKeyword("DispatchWorker")));
        Assert.Equal("WorkloadExited", attributes.Get(SearchAttributeKey.CreateKeyword("DispatchReason")));
        Assert.Equal("ann", attributes.Get(SearchAttributeKey.CreateKeyword("DispatchOwner")));
        Assert.Equal("night run", attributes.Get(SearchAttributeKey.CreateText("DispatchName")));
        Assert.Equal(["team=a", "tier=1"], attributes.Get(SearchAttributeKey.CreateKeywordList("DispatchLabels")));
        Assert.Contains("dispatch.op.0001", found.Memo.Keys);
    }

    [Fact]
    public async Task Between_two_attempts_the_search_attributes_show_a_job_as_queued()
    {
        var run = await world.RunAsync(
            "queued-between-attempts",
            new() { Run = input => Task.FromResult(JobScript.Exit(input, input.Attempt == 1 ? 1 : 0)) },
            """{"process":["x"],"retry":{"nonZero":{"max":1,"backoff":{"initial":"50ms"}}}}""");
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit) Selected(2,w1) Sent(2.1) Received(2) Closed(WorkloadExited)", run.Steps);
        Assert.Equal(["Sent", "Queued", "Sent", "Closed"], run.History.Events
            .Select(recorded => recorded.UpsertWorkflowSearchAttributesEventAttributes?.SearchAttributes.IndexedFields.GetValueOrDefault("DispatchState")?.Data.ToStringUtf8().Trim('"'))
            .OfType<string>());
    }

    [Fact]
    public async Task Without_search_attributes_a_job_writes_none_and_still_replays()
    {
        var handle = await world.StartAsync("search-attributes-off", new(), queue: "dispatch-plain");
        var run = await world.EndAsync(handle);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)", run.Steps);
        Assert.DoesNotContain(run.History.Events, recorded =>
            recorded.UpsertWorkflowSearchAttributesEventAttributes?.SearchAttributes.IndexedFields.Keys.Any(key => key.StartsWith("Dispatch", StringComparison.Ordinal)) == true);
    }

    [Fact]
    public async Task The_memo_keeps_the_first_and_the_newest_seven()
    {
        var run = await world.RunAsync(
            "memo-forgets",
            new() { Run = input => Task.FromResult(JobScript.Exit(input, 1)) },
            """{"process":["x"],"retry":{"nonZero":{"max":4,"backoff":{"initial":"0s"}}}}""");
        Assert.Equal(17, run.Operations.Count);
        var memo = (await world.Client.GetWorkflowHandle("memo-forgets").DescribeAsync()).Memo.Keys.Order(StringComparer.Ordinal);
        Assert.Equal(["dispatch.op.0001", .. Enumerable.Range(11, 7).Select(sequence => $"dispatch.op.{sequence:D4}")], memo);
    }

    [Fact]
    public async Task A_finished_job_answers_queries_and_refuses_commands_as_the_server_does()
    {
        var run = await world.RunAsync("finished", new());
        var handle = world.Client.GetWorkflowHandle("finished");
        var status = await handle.QueryAsync<JobStatus>(JobNames.Status, []);
        Assert.Equal((JobState.Closed, TerminationReason.WorkloadExited), (status.State, status.Report!.Reason));
        Assert.Equal(run.Operations, await handle.QueryAsync<Contracts.Operations.Operation[]>(JobNames.Operations, []));
        Assert.Equal("w1", (await handle.QueryAsync<RecordedPlacement>(JobNames.Why, [])).Worker?.Value);
        var refused = await Assert.ThrowsAsync<RpcException>(() => handle.ExecuteUpdateAsync<CommandResult>(JobNames.Stop, [new StopRequest { RequestedBy = "a", Reason = "b" }]));
        Assert.Equal(RpcException.StatusCode.NotFound, refused.Code);
    }

    [Fact]
    public async Task The_namespace_is_checked_for_search_attributes()
    {
        Assert.Empty(await SearchAttributeCheck.MissingAsync(world.Client, CancellationToken.None));
        await using var bare = await Engine.EngineHost.StartAsync(new() { Port = 0 });
        var client = await TemporalClient.ConnectAsync(new(bare.Address));
        var missing = await SearchAttributeCheck.MissingAsync(client, CancellationToken.None);
        Assert.Equal(7, missing.Count);
        Assert.Contains($"--address {bare.Address} --namespace default --name DispatchPool --type Keyword", missing[0].Command, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_forgets_the_job_after_every_task_does_the_same()
    {
        var (room, sent) = (false, false);
        var handle = await world.StartAsync(
            "uncached",
            new()
            {
                Place = ask => ask switch
                {
                    { Attempt: 1, SeenReturned: null } when !room => JobScript.Waiting(ask),
                    { Attempt: 1 } when sent => JobScript.Held(ask),
                    _ => JobScript.Offer(ask, ask.Attempt == 1 ? "w1" : "w2"),
                },
                Run = input => input switch
                {
                    { Attempt: 1, Delivery: 1 } => Silent(input),
                    { Attempt: 1 } => Task.FromResult(JobScript.Exit(input, 1)),
                    _ => Task.FromResult(JobScript.Exit(input, 0)),
                },
            },
            """{"process":["x"],"timeouts":{"total":"1h"},"retry":{"nonZero":{"max":1,"backoff":{"initial":"50ms"}}}}""",
            "dispatch-uncached");
        Task<ContainerReport> Silent(RunContainerInput input)
        {
            sent = true;
            return JobScript.Silence(input);
        }

        await handle.SignalAsync(JobNames.Nudge, []);
        var priority = new PriorityRequest { RequestedBy = "ann", Reason = "first", Priority = 90 };
        Assert.True((await handle.ExecuteUpdateAsync<CommandResult>(JobNames.SetPriority, [priority])).Applied);
        room = true;
        await JobWorld.UntilAsync(
            async () =>
            {
                await handle.SignalAsync(JobNames.Nudge, []);
                return (await handle.QueryAsync<JobStatus>(JobNames.Status, [])).State == JobState.Sent;
            },
            "it was sent");
        var run = await world.EndAsync(handle);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Sent(1.2) Received(1,NonZeroExit) Selected(2,w2) Sent(2.1) Received(2) Closed(WorkloadExited)", run.Steps);
        Assert.Equal(0, run.Count(EventType.WorkflowTaskFailed));
    }
}
