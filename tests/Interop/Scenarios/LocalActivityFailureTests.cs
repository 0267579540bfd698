using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Local activities that fail, are tried again or time out, and completions that the server refuses.</summary>
public sealed class LocalActivityFailureTests
{
    [Scenario("la-escapes")]
    public Task Escapes() => Play.RunAsync("la-escapes", async play =>
    {
        play.Worker<LocalEscapes>();
        await play.EndAsync(await play.StartAsync("LocalEscapes"));
    });

    [Workflow]
    public class LocalEscapes
    {
        [WorkflowRun]
        public Task RunAsync() => Step.LocalAsync<object?>("failWith", ["le", "LE", true]);
    }

    [Scenario("la-failure")]
    public Task Failure() => Play.RunAsync("la-failure", async play =>
    {
        play.Worker<LocalFail>();
        await play.EndAsync(await play.StartAsync("LocalFail"));
    });

    [Workflow]
    public class LocalFail
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var first = await Step.FailureAsync(Step.LocalAsync<object?>("failWith", ["lm", "LT", true]));
            var second = await Step.FailureAsync(Step.LocalAsync<object?>("failWith", ["lm2", "LT2", false], options => options.RetryPolicy = Step.Retry(20, attempts: 2)));
            return [.. Chain.WithRetryState(first), .. Chain.WithRetryState(second)];
        }
    }

    [Scenario("la-retry-threshold")]
    public Task Retry_threshold() => Play.RunAsync("la-retry-threshold", async play =>
    {
        play.Worker<LocalBackoff>();
        await play.EndAsync(await play.StartAsync("LocalBackoff"));
    }, [new("/userMetadata", "this SDK's core names the timer of a local activity's retry, the recording's did not")]);

    [Workflow]
    public class LocalBackoff
    {
        [WorkflowRun]
        public Task<int> RunAsync() => Step.LocalAsync<int>("succeedOnAttempt", [3], options =>
        {
            options.RetryPolicy = Step.Retry(400);
            options.LocalRetryThreshold = Step.Ms(200);
        });
    }

    [Scenario("la-timeout")]
    public Task Timeout() => Play.RunAsync("la-timeout", async play =>
    {
        play.Worker<LocalTimeouts>();
        await play.EndAsync(await play.StartAsync("LocalTimeouts"));
    });

    [Workflow]
    public class LocalTimeouts
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var first = await Step.FailureAsync(Step.LocalAsync<string>("sleepMs", [5000, "x"], options =>
            {
                options.StartToCloseTimeout = Step.Ms(300);
                options.RetryPolicy = new() { MaximumAttempts = 1 };
            }));
            var second = await Step.FailureAsync(Step.LocalAsync<string>("sleepMs", [5000, "x"], options =>
            {
                options.StartToCloseTimeout = null;
                options.ScheduleToCloseTimeout = Step.Ms(400);
            }));
            return [.. Chain.WithRetryState(first), .. Chain.WithRetryState(second)];
        }
    }

    [Scenario("la-unhandled-command")]
    public Task Unhandled_command() => Play.RunAsync("la-unhandled-command", async play =>
    {
        play.Worker<LocalRace>();
        var handle = await play.StartAsync("LocalRace");
        await Task.Delay(300);
        await handle.SignalAsync("s", ["a"]);
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class LocalRace
    {
        private readonly List<string> _seen = [];

        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            _seen.Add(await Step.LocalAsync<string>("sleepMs", [800, "l"]));
            return [.. _seen];
        }

        [WorkflowSignal("s")]
        public Task SignalAsync(string what)
        {
            _seen.Add($"s:{what}");
            return Task.CompletedTask;
        }
    }
}
