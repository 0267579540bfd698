using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Api.Enums.V1;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>What else goes into the task that completes a run.</summary>
public sealed class OrderTests
{
    [Scenario("order-complete-with-others")]
    public Task Completion_beside_other_commands() => Play.RunAsync("order-complete-with-others", async play =>
    {
        play.Worker<OrderEnd>();
        var handle = await play.StartAsync("OrderEnd");
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 2);
        await handle.SignalAsync("go", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class OrderEnd : PatchTests.UntilGo
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            _ = Step.EchoAsync("left");
            _ = Workflow.DelayAsync(TimeSpan.FromHours(1));
            _ = AlsoAsync();
            await WentAsync();
            return "end";
        }

        private async Task AlsoAsync()
        {
            await WentAsync();
            _ = Step.EchoAsync("also left");
        }
    }
}
