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
            "extended-and-told-again-with-the-next-delivery",
            "Opened Selected(1,w1) Sent(1.1) Sent(1.2) Received(1) Closed(WorkloadExited)",
            ["Resending: control closed, applied", "Resending: control closed, refused", "Resending: command Extend", "Sent: control closed, applied"],
            async scene =>
            {
                scene.Times = scene.Times with { Receipt = TimeSpan.FromSeconds(4) };
                var heard = new TaskCompletionSource();
                scene.RunUntilTold(_ => throw JobScript.Failure(ErrorCode.StaleLease));
                var first = scene.Run;
                scene.Run = async input =>
                {
                    if (input.Delivery == 1) return await first(input);
                    await heard.Task;
                    return JobScript.Exit(input, 0);
                };
                scene.Tell(scene.Offered(), scene.Answer(PlaceAnswerKind.Held));
                var (one, two) = await ExtendTwiceAsync(scene);
                scene.EndRun();
                await scene.AskedAsync(ask => ask.Ask == 2);
                scene.LetGo(1);
                Assert.Equal("applied", await one);
                scene.LetGo(2, ErrorCode.InternalError);
                var three = scene.ExtendAsync();
                await scene.ControlledAsync(3);
                Assert.False(two.IsCompleted || three.IsCompleted);
                scene.LetGo(3);
                Assert.Equal("applied", await two);
                Assert.Equal("applied", await three);
                heard.SetResult();
            }),
        new(
            "extension-goes-with-the-next-attempt",
            "Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit) Closed(Cancelled)",
            ["Sent: command Extend", "Sent: run closed, reported"],
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
                Assert.Equal("applied", await extension);
                scene.LetGo(1, ErrorCode.AlreadyStopping);
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
            "extensions-of-an-attempt-that-drained-go-with-the-next",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,draining) Selected(2,w1) Sent(2.1) Received(2) Closed(WorkloadExited)",
            ["Sent: command Extend", "Sent: run closed, reported Drained"],
            async scene =>
            {
                scene.RunUntilTold(input => input.Attempt > 1 ? JobScript.Exit(input, 0) : JobScript.Exit(input, 143, ContainerEnd.Drained, signal: 15));
                scene.Else = scene.Answer(PlaceAnswerKind.Waiting);
                scene.Tell(scene.Offered());
                var (first, second) = await ExtendTwiceAsync(scene);
                scene.LetGo(1, ErrorCode.AlreadyStopping);
                scene.EndRun();
                Assert.Equal("applied", await first);
                Assert.Equal("applied", await second);
                scene.LetGo(2, ErrorCode.WorkerUnreachable);
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
