using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Dispatch.Engine.Tests.Runs;

/// <summary>The official client and worker against a running engine.</summary>
public sealed class OfficialSdkTests : IAsyncLifetime
{
    private EngineHost host = null!;
    private TemporalClient client = null!;

    public async Task InitializeAsync()
    {
        host = await EngineHost.StartAsync(new EngineOptions
        {
            Port = 0,
            SearchAttributes = new Dictionary<string, IndexedValueType> { ["Colour"] = IndexedValueType.Keyword },
        });
        client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(host.Address));
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task A_workflow_with_an_activity_gives_its_result()
    {
        var result = await WithWorkerAsync(queue => client.ExecuteWorkflowAsync(
            (Greeting workflow) => workflow.RunAsync("world"), Options(queue)));
        Assert.Equal("hello world", result);
    }

    [Fact]
    public async Task A_failing_activity_is_retried_until_its_policy_ends()
    {
        var failure = await Assert.ThrowsAsync<WorkflowFailedException>(() => WithWorkerAsync(queue => client.ExecuteWorkflowAsync(
            (Failing workflow) => workflow.RunAsync(), Options(queue))));
        var activity = Assert.IsType<ActivityFailureException>(failure.InnerException);
        Assert.Equal(RetryState.MaximumAttemptsReached, activity.RetryState);
        Assert.Equal("attempt 3", Assert.IsType<ApplicationFailureException>(activity.InnerException).Message);
    }

    [Fact]
    public async Task Signals_queries_updates_and_a_timer_reach_a_workflow()
    {
        await WithWorkerAsync(async queue =>
        {
            var handle = await client.StartWorkflowAsync((Counter workflow) => workflow.RunAsync(), Options(queue));
            await handle.SignalAsync(workflow => workflow.AddAsync(2));
            Assert.Equal(5, await handle.ExecuteUpdateAsync(workflow => workflow.AddAndGetAsync(3)));
            var rejected = await Assert.ThrowsAsync<WorkflowUpdateFailedException>(
                () => handle.ExecuteUpdateAsync(workflow => workflow.AddAndGetAsync(-1)));
            Assert.Contains("negative", rejected.InnerException!.Message, StringComparison.Ordinal);
            Assert.Equal(5, await handle.QueryAsync(workflow => workflow.Total()));
            await handle.SignalAsync(workflow => workflow.StopAsync());
            Assert.Equal(5, await handle.GetResultAsync());
            Assert.Equal(5, await handle.QueryAsync(workflow => workflow.Total()));
            return true;
        });
    }

    [Fact]
    public async Task A_cancelled_workflow_ends_as_cancelled()
    {
        await WithWorkerAsync(async queue =>
        {
            var handle = await client.StartWorkflowAsync((Counter workflow) => workflow.RunAsync(), Options(queue));
            await handle.CancelAsync();
            var failure = await Assert.ThrowsAsync<WorkflowFailedException>(() => handle.GetResultAsync());
            Assert.IsType<CanceledFailureException>(failure.InnerException);
            Assert.Equal(WorkflowExecutionStatus.Canceled, (await handle.DescribeAsync()).Status);
            return true;
        });
    }

    [Fact]
    public async Task Local_activities_children_upserts_and_continue_as_new_work_together()
    {
        await WithWorkerAsync(async queue =>
        {
            var handle = await client.StartWorkflowAsync((Family workflow) => workflow.RunAsync(2), Options(queue));
            Assert.Equal("local hello child", await handle.GetResultAsync());
            var description = await handle.DescribeAsync();
            Assert.Equal("red", description.TypedSearchAttributes.Get(Family.Colour));
            var found = await client.CountWorkflowsAsync("Colour = 'red' AND ExecutionStatus = 'Completed'");
            Assert.Equal(1, found.Count);
            return true;
        });
    }

    [Fact]
    public async Task An_activity_may_be_completed_from_outside()
    {
        await WithWorkerAsync(async queue =>
        {
            var handle = await client.StartWorkflowAsync((Outside workflow) => workflow.RunAsync(), Options(queue));
            var token = await Sample.Tokens.Task.WaitAsync(TimeSpan.FromSeconds(20));
            var activity = client.GetAsyncActivityHandle(token);
            await activity.HeartbeatAsync();
            await activity.CompleteAsync("from outside");
            Assert.Equal("from outside", await handle.GetResultAsync());
            return true;
        });
    }

    [Fact]
    public async Task Workflows_go_on_when_their_worker_is_replaced_again_and_again()
    {
        var queue = $"queue-{Guid.NewGuid()}";
        var handles = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => client.StartWorkflowAsync(
            (Steps workflow) => workflow.RunAsync(6), Options(queue))));
        var all = Task.WhenAll(handles.Select(handle => handle.GetResultAsync()));
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(90);
        while (!all.IsCompleted && TimeProvider.System.GetUtcNow() < deadline)
        {
            using var worker = new TemporalWorker(
                client, new TemporalWorkerOptions(queue).AddAllActivities(typeof(Sample), null).AddWorkflow<Steps>());
            await worker.ExecuteAsync(() => Task.WhenAny(all, Task.Delay(TimeSpan.FromMilliseconds(400))));
        }

        Assert.All(await all.WaitAsync(TimeSpan.FromSeconds(5)), result => Assert.Equal(6, result));
    }

    private static WorkflowOptions Options(string queue) => new($"workflow-{Guid.NewGuid()}", queue);

    private async Task<T> WithWorkerAsync<T>(Func<string, Task<T>> body)
    {
        var queue = $"queue-{Guid.NewGuid()}";
        using var worker = new TemporalWorker(
            client,
            new TemporalWorkerOptions(queue)
                .AddAllActivities(typeof(Sample), null)
                .AddWorkflow<Greeting>()
                .AddWorkflow<Failing>()
                .AddWorkflow<Counter>()
                .AddWorkflow<Outside>()
                .AddWorkflow<Family>());
        return await worker.ExecuteAsync(() => body(queue)).WaitAsync(TimeSpan.FromSeconds(60));
    }

    public static class Sample
    {
        public static TaskCompletionSource<byte[]> Tokens { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        [Activity]
        public static string Greet(string name) => $"hello {name}";

        [Activity]
        public static string Fail() =>
            throw new ApplicationFailureException($"attempt {ActivityExecutionContext.Current.Info.Attempt}");

        [Activity]
        public static string CompleteLater()
        {
            Tokens.TrySetResult(ActivityExecutionContext.Current.Info.TaskToken.ToArray());
            throw new CompleteAsyncException();
        }
    }

    [Workflow]
    public sealed class Greeting
    {
        [WorkflowRun]
        public Task<string> RunAsync(string name) => Workflow.ExecuteActivityAsync(
            () => Sample.Greet(name), new ActivityOptions { StartToCloseTimeout = TimeSpan.FromSeconds(10) });
    }

    [Workflow]
    public sealed class Failing
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteActivityAsync(
            () => Sample.Fail(),
            new ActivityOptions
            {
                StartToCloseTimeout = TimeSpan.FromSeconds(10),
                RetryPolicy = new RetryPolicy { InitialInterval = TimeSpan.FromMilliseconds(20), MaximumAttempts = 3 },
            });
    }

    [Workflow]
    public sealed class Steps
    {
        [WorkflowRun]
        public async Task<int> RunAsync(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                await Workflow.ExecuteActivityAsync(
                    () => Sample.Greet("step"), new ActivityOptions { StartToCloseTimeout = TimeSpan.FromSeconds(3) });
                await Workflow.DelayAsync(TimeSpan.FromMilliseconds(50));
            }

            return steps;
        }
    }

    [Workflow]
    public sealed class Outside
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteActivityAsync(
            () => Sample.CompleteLater(), new ActivityOptions { StartToCloseTimeout = TimeSpan.FromSeconds(30) });
    }

    [Workflow]
    public sealed class Counter
    {
        private int total;
        private bool stopped;

        [WorkflowRun]
        public async Task<int> RunAsync()
        {
            await Workflow.DelayAsync(TimeSpan.FromMilliseconds(30));
            await Workflow.WaitConditionAsync(() => stopped);
            return total;
        }

        [WorkflowSignal]
        public Task AddAsync(int amount)
        {
            total += amount;
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public Task StopAsync()
        {
            stopped = true;
            return Task.CompletedTask;
        }

        [WorkflowQuery]
        public int Total() => total;

        [WorkflowUpdate]
        public Task<int> AddAndGetAsync(int amount)
        {
            total += amount;
            return Task.FromResult(total);
        }

        [WorkflowUpdateValidator(nameof(AddAndGetAsync))]
        public void ValidateAddAndGet(int amount)
        {
            if (amount < 0)
            {
                throw new ArgumentException("negative");
            }
        }
    }

    [Workflow]
    public sealed class Family
    {
        public static readonly SearchAttributeKey<string> Colour = SearchAttributeKey.CreateKeyword("Colour");

        [WorkflowRun]
        public async Task<string> RunAsync(int runs)
        {
            if (runs > 1)
            {
                throw Workflow.CreateContinueAsNewException((Family workflow) => workflow.RunAsync(runs - 1));
            }

            var local = await Workflow.ExecuteLocalActivityAsync(
                () => Sample.Greet("child"), new LocalActivityOptions { StartToCloseTimeout = TimeSpan.FromSeconds(5) });
            Workflow.UpsertMemo(MemoUpdate.ValueSet("local", local));
            Workflow.UpsertTypedSearchAttributes(Colour.ValueSet("red"));
            var child = await Workflow.ExecuteChildWorkflowAsync((Greeting workflow) => workflow.RunAsync("child"));
            return $"local {child}";
        }
    }
}
