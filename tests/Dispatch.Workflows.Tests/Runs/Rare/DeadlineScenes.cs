using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Tests.Runs.Rare;

/// <summary>Deadlines, commands and answers where they are seldom met: paused, between attempts, between deliveries, while it is being stopped.</summary>
internal static class DeadlineScenes
{
    private const string Total = """{"process":["x"],"timeouts":{"total":"3s"}}""";

    public static IEnumerable<RareScene> All =>
    [
        new(
            "total-time-out-while-paused",
            "Opened Closed(ExecutionTimeout)",
            ["Placing, paused: timer Total"],
            async scene =>
            {
                scene.Else = scene.Answer(PlaceAnswerKind.Waiting);
                await scene.StartAsync(Total);
                Assert.Equal("applied", await scene.PauseAsync());
            }),
        new(
            "total-time-out-while-backing-off",
            "Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit) Closed(ExecutionTimeout)",
            ["BackingOff: timer Total"],
            async scene =>
            {
                scene.Run = input => Task.FromResult(JobScript.Exit(input, 1));
                scene.Tell(scene.Offered());
                await scene.StartAsync("""{"process":["x"],"timeouts":{"total":"3s"},"retry":{"nonZero":{"max":1,"backoff":{"initial":"1h","max":"1h"}}}}""");
            }),
        new(
            "total-time-out-before-it-is-sent-again",
            "Opened Selected(1,w1) Sent(1.1) Sent(1.2) Received(1) Closed(ExecutionTimeout)",
            ["Resending: timer Total"],
            async scene =>
            {
                scene.Run = StaleThenStopped;
                scene.Tell(scene.Offered(), scene.Answer(PlaceAnswerKind.Held));
                await scene.StartAsync(Total);
            }),
        new(
            "cancelled-before-it-is-sent-again",
            "Opened Selected(1,w1) Sent(1.1) Sent(1.2) Received(1) Closed(Cancelled)",
            ["Resending: command Unpause", "Resending: cancel requested"],
            async scene =>
            {
                scene.Run = StaleThenStopped;
                scene.Tell(scene.Offered(), scene.Answer(PlaceAnswerKind.Held));
                await scene.StartAsync();
                await scene.AskedAsync(ask => ask.Ask == 2);
                Assert.Equal("not applied", await scene.UnpauseAsync());
                await scene.CancelAsync();
            }),
        new(
            "extended-before-it-is-sent-again",
            "Opened Selected(1,w1) Sent(1.1) Sent(1.2) Received(1) Closed(WorkloadExited)",
            ["Resending: control closed, applied", "Resending: control closed, refused"],
            async scene =>
            {
                scene.Times = scene.Times with { Receipt = TimeSpan.FromSeconds(4) };
                scene.RunUntilTold(input => input.Delivery > 1 ? JobScript.Exit(input, 0) : throw JobScript.Failure(ErrorCode.StaleLease));
                scene.Tell(scene.Offered(), scene.Answer(PlaceAnswerKind.Held));
                var (first, second) = await ExtendTwiceAsync(scene);
                scene.EndRun();
                await scene.AskedAsync(ask => ask.Ask == 2);
                scene.LetGo(1);
                Assert.Equal("applied", await first);
                scene.LetGo(2, ErrorCode.StaleLease);
                Assert.Equal("StaleLease", await second);
            }),
        new(
            "extension-refused-while-backing-off",
            "Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit) Closed(Cancelled)",
            ["BackingOff: control closed, refused"],
            async scene =>
            {
                scene.RunUntilTold(input => JobScript.Exit(input, 1));
                scene.HoldControls();
                scene.Tell(scene.Offered());
                await scene.StartAsync("""{"process":["x"],"retry":{"nonZero":{"max":1,"backoff":{"initial":"1h","max":"1h"}}}}""");
                await scene.SentAsync();
                var extension = scene.ExtendAsync();
                await scene.ControlledAsync(1);
                scene.EndRun();
                await scene.RunEndHeardAsync();
                scene.LetGo(1, ErrorCode.StaleLease);
                Assert.Equal("StaleLease", await extension);
                await scene.CancelAsync();
            }),
        new(
            "total-and-run-time-out-after-a-stop",
            "Opened Selected(1,w1) Sent(1.1) Received(1) Closed(Cancelled)",
            ["Sent, stopping: timer Total", "Sent, stopping: run closed, reported TimedOut"],
            async scene =>
            {
                scene.RunUntilTold(input => JobScript.Exit(input, 137, ContainerEnd.TimedOut, signal: 9));
                scene.Tell(scene.Offered());
                await scene.StartAsync("""{"process":["x"],"timeouts":{"total":"6s"}}""");
                await scene.SentAsync();
                Assert.Equal("applied", await scene.StopAsync());
                await scene.TotalPassedAsync();
                scene.EndRun();
            }),
        new(
            "refused-for-the-last-attempt-while-the-next-is-placed",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(NotAdmitted)",
            ["Placing: placed, Refused of an earlier attempt"],
            async scene =>
            {
                scene.Tell(scene.Offered(), scene.Expired(), scene.Refused(1));
                await scene.StartAsync("""{"process":["x"],"retry":{"workerLost":{"max":1,"backoff":{"initial":"50ms"}}}}""");
            }),
        new(
            "extensions-fail-while-the-next-attempt-waits",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,draining) Selected(2,w1) Sent(2.1) Received(2) Closed(WorkloadExited)",
            ["Placing: control closed, not reached", "Placing: control closed, refused"],
            async scene =>
            {
                scene.RunUntilTold(input => input.Attempt > 1 ? JobScript.Exit(input, 0) : JobScript.Exit(input, 143, ContainerEnd.Drained, signal: 15));
                scene.Else = scene.Answer(PlaceAnswerKind.Waiting);
                scene.Tell(scene.Offered());
                var (first, second) = await ExtendTwiceAsync(scene);
                scene.EndRun();
                await scene.AskedAsync(ask => ask.Attempt == 2);
                scene.LetGo(1, ErrorCode.WorkerUnreachable);
                Assert.Equal("WorkerUnreachable", await first);
                scene.LetGo(2, ErrorCode.StaleLease);
                Assert.Equal("StaleLease", await second);
                scene.Tell(scene.Offered());
                await scene.NudgeAsync();
            }),
    ];

    private static async Task<(Task<string> First, Task<string> Second)> ExtendTwiceAsync(Scene scene)
    {
        scene.HoldControls();
        await scene.StartAsync();
        await scene.SentAsync();
        var first = scene.ExtendAsync();
        await scene.ControlledAsync(1);
        var second = scene.ExtendAsync();
        await scene.ControlledAsync(2);
        return (first, second);
    }

    private static Task<ContainerReport> StaleThenStopped(RunContainerInput input) =>
        input.Stop is null ? throw JobScript.Failure(ErrorCode.StaleLease) : Task.FromResult(JobScript.Exit(input, 143, ContainerEnd.Stopped, signal: 15));
}
