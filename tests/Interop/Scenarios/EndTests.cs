using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Api.Enums.V1;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>How a workflow ends: cancelled, terminated, failed in each way.</summary>
public sealed class EndTests
{
    private static async Task CancelAfterFirstTaskAsync(Play play, string type)
    {
        var handle = await play.StartAsync(type);
        await play.FirstTaskAsync(handle);
        await handle.CancelAsync();
        await play.EndAsync(handle);
    }

    [Scenario("fail-cancelled")]
    public Task Cancelled_while_waiting() => Play.RunAsync("fail-cancelled", async play =>
    {
        play.Worker<Cancelled>();
        await CancelAfterFirstTaskAsync(play, "Cancelled");
    });

    [Workflow]
    public class Cancelled
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.DelayAsync(TimeSpan.FromHours(1));
    }

    [Scenario("fail-cancel-cleanup")]
    public Task Cancelled_and_cleaned_up() => Play.RunAsync("fail-cancel-cleanup", async play =>
    {
        play.Worker<Cleanup>();
        await CancelAfterFirstTaskAsync(play, "Cleanup");
    });

    [Workflow]
    public class Cleanup
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Step.FailureAsync(Workflow.DelayAsync(TimeSpan.FromHours(1)));
            return $"after {await Step.RemoteAsync<string>("echo", ["cleaned"], options => options.CancellationToken = CancellationToken.None)}";
        }
    }

    [Scenario("fail-cancel-then-app")]
    public Task Cancelled_and_failed_instead() => Play.RunAsync("fail-cancel-then-app", async play =>
    {
        play.Worker<CancelThenFail>();
        await CancelAfterFirstTaskAsync(play, "CancelThenFail");
    });

    [Workflow]
    public class CancelThenFail
    {
        [WorkflowRun]
        public async Task RunAsync()
        {
            await Step.FailureAsync(Workflow.DelayAsync(TimeSpan.FromHours(1)));
            throw new ApplicationFailureException("instead", "Instead");
        }
    }

    [Scenario("fail-cancel-before-first-task")]
    public Task Cancelled_before_the_first_task() => Play.RunAsync("fail-cancel-before-first-task", async play =>
    {
        var handle = await play.StartAsync("CancelEarly");
        await handle.CancelAsync();
        play.Worker<CancelEarly>();
        await play.EndAsync(handle);
    });

    [Workflow]
    public class CancelEarly
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.DelayAsync(TimeSpan.FromHours(1));
            return "never";
        }
    }

    [Scenario("fail-terminated")]
    public Task Terminated_with_details() => Play.RunAsync("fail-terminated", async play =>
    {
        play.Worker<Terminated>();
        var handle = await play.StartAsync("Terminated");
        await play.FirstTaskAsync(handle);
        await handle.TerminateAsync("stop now", new() { Details = ["d1", 2] });
        await play.EndAsync(handle);
    });

    [Workflow]
    public class Terminated
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.DelayAsync(TimeSpan.FromHours(1));
    }

    [Scenario("fail-application")]
    public Task Failed_with_everything_set() => Play.RunAsync("fail-application", async play =>
    {
        play.Worker<FailApp>();
        await play.EndAsync(await play.StartAsync("FailApp"));
    });

    [Workflow]
    public class FailApp
    {
        [WorkflowRun]
        public Task RunAsync() => throw new ApplicationFailureException("boom", "MyType", nonRetryable: true, details: [new { a = 1 }, "second", null]);
    }

    [Scenario("fail-nested")]
    public Task Failed_with_causes() => Play.RunAsync("fail-nested", async play =>
    {
        play.Worker<FailNested>();
        await play.EndAsync(await play.StartAsync("FailNested"));
    });

    [Workflow]
    public class FailNested
    {
        [WorkflowRun]
        public Task RunAsync() => throw new ApplicationFailureException(
            "outer", new ApplicationFailureException("middle", new ApplicationFailureException("inner", "Inner", nonRetryable: true), "Middle", details: [2]), "Outer");
    }

    [Scenario("fail-delay-category")]
    public Task Failed_with_delay_and_category() => Play.RunAsync("fail-delay-category", async play =>
    {
        play.Worker<FailDelay>();
        await play.EndAsync(await play.StartAsync("FailDelay"));
    });

    [Workflow]
    public class FailDelay
    {
        [WorkflowRun]
        public Task RunAsync() => throw new ApplicationFailureException("later", "Later", nextRetryDelay: Step.Ms(1500), category: ApplicationErrorCategory.Benign);
    }

    [Scenario("fail-activity-escapes")]
    public Task Failed_by_an_activity() => Play.RunAsync("fail-activity-escapes", async play =>
    {
        play.Worker<Escapes>();
        await play.EndAsync(await play.StartAsync("Escapes"));
    });

    [Workflow]
    public class Escapes
    {
        [WorkflowRun]
        public Task RunAsync() => Step.RemoteAsync<object?>("failWith", ["inside", "InnerType", true]);
    }

    [Scenario("opt-retry-policy")]
    public Task Failed_and_run_again() => Play.RunAsync("opt-retry-policy", async play =>
    {
        play.Worker<Retried>();
        await play.EndAsync(await play.StartAsync("Retried", more: options => options.RetryPolicy = Step.Retry(100, 1, 5)));
    });

    [Workflow]
    public class Retried
    {
        [WorkflowRun]
        public Task<object> RunAsync()
        {
            var attempt = Workflow.Info.Attempt;
            return attempt < 3
                ? throw new ApplicationFailureException($"attempt {attempt}", "Again", details: [attempt])
                : Task.FromResult<object>(new { attempt, lastFailure = Chain.Of(Workflow.Info.LastFailure) });
        }
    }
}
