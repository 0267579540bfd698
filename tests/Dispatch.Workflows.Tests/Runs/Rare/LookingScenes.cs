using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Tests.Runs.Rare;

/// <summary>The worker gave no answer, and the placer is asked what became of the attempt.</summary>
internal static class LookingScenes
{
    public static IEnumerable<RareScene> All =>
    [
        new(
            "told-of-earlier-attempts-while-looking",
            "Opened Selected(2,w1) Sent(2.1) Exited(2,fenced) Closed(NotAdmitted)",
            [
                "Looking: placed, Ended expired of an earlier attempt", "Looking: placed, Ended with a failure of an earlier attempt",
                "Looking: placed, Offered of an earlier attempt", "Looking: placed, Waiting of an earlier attempt", "Looking: placed, Refused of an earlier attempt",
            ],
            async scene =>
            {
                scene.TellAtOnce(scene.Offered(2), scene.Expired(1), scene.EndedWithFailure(1), scene.Offered(1), scene.Answer(PlaceAnswerKind.Waiting, 1), scene.Refused(1));
                await scene.StartAsync();
            }),
        new(
            "stopped-while-looking-and-told-of-earlier-attempts",
            "Opened Selected(2,w1) Sent(2.1) Exited(2,fenced) Closed(NotAdmitted)",
            [
                "Looking, stopping: placed, Ended expired of an earlier attempt", "Looking, stopping: placed, Ended returned of an earlier attempt",
                "Looking, stopping: placed, Ended with a report of an earlier attempt", "Looking, stopping: placed, Ended with a failure of an earlier attempt",
                "Looking, stopping: placed, Offered of an earlier attempt", "Looking, stopping: placed, Unavailable of an earlier attempt",
                "Looking, stopping: placed, Waiting of an earlier attempt", "Looking, stopping: placed, Refused of an earlier attempt",
            ],
            async scene =>
            {
                scene.Tell(scene.Offered(2));
                await scene.StartAsync();
                await scene.AskedAsync(ask => ask.Ask == 2);
                Assert.Equal("applied", await scene.StopAsync());
                scene.TellAtOnce(
                    scene.Expired(1), scene.Returned(1), scene.EndedWithReport(1), scene.EndedWithFailure(1), scene.Offered(1), scene.Answer(PlaceAnswerKind.Unavailable, 1),
                    scene.Answer(PlaceAnswerKind.Waiting, 1), scene.Refused(1));
                await scene.NudgeAsync();
            }),
        new(
            "extension-waits-while-looking-and-a-later-attempt-had-exited",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(WorkloadExited)",
            ["Looking: command SetPriority", "Looking: control closed, applied", "Looking: control closed, refused", "Looking: placed, Ended with a report of a later attempt"],
            async scene =>
            {
                scene.RunUntilTold();
                scene.HoldControls();
                scene.Tell(scene.Offered());
                await scene.StartAsync();
                await scene.SentAsync();
                var first = scene.ExtendAsync();
                await scene.ControlledAsync(1);
                var second = scene.ExtendAsync();
                await scene.ControlledAsync(2);
                scene.EndRun();
                await scene.AskedAsync(ask => ask.Ask == 2);
                Assert.Equal("applied", await scene.SetPriorityAsync());
                scene.LetGo(1);
                Assert.Equal("applied", await first);
                scene.LetGo(2, ErrorCode.StaleLease);
                scene.Tell(scene.EndedWithReport(2));
                await scene.NudgeAsync();
                Assert.Equal("not applied", await second);
            }),
        new(
            "stopped-then-asked-for-everything-while-looking-and-a-later-attempt-had-exited",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(Cancelled)",
            [
                "Looking, stopping: command Pause", "Looking, stopping: command SetPriority", "Looking, stopping: command Unpause", "Looking, stopping: nudged",
                "Looking, stopping: control closed, applied", "Looking, stopping: control closed, not reached", "Looking, stopping: control closed, refused",
                "Looking, stopping: placed, Ended with a report of a later attempt",
            ],
            async scene =>
            {
                scene.RunUntilTold();
                scene.HoldControls();
                scene.Tell(scene.Offered());
                await scene.StartAsync();
                await scene.SentAsync();
                var extension = scene.ExtendAsync();
                await scene.ControlledAsync(1);
                var stop = scene.StopAsync();
                await scene.ControlledAsync(2);
                var kill = scene.StopAsync(StopMode.Now);
                await scene.ControlledAsync(3);
                scene.EndRun();
                await scene.AskedAsync(ask => ask.Ask == 2);
                Assert.Equal("AlreadyRunning", await scene.PauseAsync());
                Assert.Equal("applied", await scene.SetPriorityAsync());
                Assert.Equal("not applied", await scene.UnpauseAsync());
                scene.LetGo(1, ErrorCode.AlreadyStopping);
                scene.LetGo(2);
                Assert.Equal("applied", await stop);
                scene.LetGo(3, ErrorCode.WorkerUnreachable);
                Assert.Equal("applied", await kill);
                scene.Tell(scene.EndedWithReport(2));
                await scene.NudgeAsync();
                Assert.Equal("not applied", await extension);
            }),
        new(
            "stopped-while-looking-and-told-how-a-later-attempt-had-failed",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(Cancelled)",
            ["Looking, stopping: placed, Ended with a failure of a later attempt"],
            async scene =>
            {
                scene.Tell(scene.Offered());
                await scene.StartAsync();
                await scene.AskedAsync(ask => ask.Ask == 2);
                Assert.Equal("applied", await scene.StopAsync());
                scene.Tell(scene.EndedWithFailure(2));
                await scene.NudgeAsync();
            }),
        new(
            "stopped-while-looking-and-a-later-attempt-is-held",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Selected(2,w1) Sent(2.1) Received(2) Closed(Cancelled)",
            ["Looking, stopping: placed, Held of a later attempt", "Sent, stopping: run closed, reported Stopped"],
            async scene =>
            {
                scene.Tell(scene.Offered());
                await scene.StartAsync();
                await scene.AskedAsync(ask => ask.Ask == 2);
                Assert.Equal("applied", await scene.StopAsync());
                scene.Run = Stopped;
                scene.Tell(scene.Answer(PlaceAnswerKind.Held, 2));
                await scene.NudgeAsync();
            }),
        new(
            "later-attempt-had-failed-while-looking",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(ImageError)",
            ["Looking: placed, Ended with a failure of a later attempt"],
            async scene =>
            {
                scene.Tell(scene.Offered(), scene.EndedWithFailure(2));
                await scene.StartAsync();
            }),
        new(
            "refused-for-a-later-attempt-while-looking",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(NotAdmitted)",
            ["Looking: placed, Refused of a later attempt"],
            async scene =>
            {
                scene.Tell(scene.Offered(), scene.Refused(2));
                await scene.StartAsync();
            }),
        new(
            "due-again-while-looking",
            "Opened Selected(1,w1) Sent(1.1) Received(1,ImageNotFound) Closed(ImageError)",
            ["Looking: timer Resend"],
            async scene =>
            {
                await LookAgainAsync(scene);
                await scene.ResendDueAsync();
                scene.Tell(scene.EndedWithFailure());
                await scene.NudgeAsync();
            }),
        new(
            "stopped-while-looking-and-a-later-attempt-is-offered",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,lost) Selected(2,w1) Sent(2.1) Received(2) Closed(Cancelled)",
            ["Looking, stopping: timer Resend", "Looking, stopping: placed, Offered of a later attempt", "Sent, stopping: run closed, reported Stopped"],
            async scene =>
            {
                await LookAgainAsync(scene);
                scene.Run = Stopped;
                Assert.Equal("applied", await scene.StopAsync());
                await scene.ResendDueAsync();
                scene.Tell(scene.Offered(2));
                await scene.NudgeAsync();
            }),
        new(
            "due-again-while-the-next-attempt-waits",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,lost) Selected(2,w1) Sent(2.1) Received(2) Closed(WorkloadExited)",
            ["Placing: timer Resend"],
            async scene =>
            {
                scene.Run = input => input.Attempt == 1 ? throw JobScript.Failure(ErrorCode.StaleLease) : Task.FromResult(JobScript.Exit(input, 0));
                await LookAgainAsync(scene, scene.Answer(PlaceAnswerKind.Waiting, 2));
                await scene.ResendDueAsync();
                scene.Tell(scene.Offered());
                await scene.NudgeAsync();
            }),
        new(
            "total-time-out-while-looking",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(ExecutionTimeout)",
            ["Looking: timer Total"],
            async scene =>
            {
                scene.Tell(scene.Offered());
                await scene.StartAsync("""{"process":["x"],"timeouts":{"total":"3s"}}""");
                await scene.TotalPassedAsync();
                scene.Else = scene.Expired();
                await scene.NudgeAsync();
            }),
        new(
            "total-time-out-after-a-stop-while-looking",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(Cancelled)",
            ["Looking, stopping: timer Total", "Looking, stopping: placed, Ended returned of a later attempt"],
            async scene =>
            {
                scene.Tell(scene.Offered());
                await scene.StartAsync("""{"process":["x"],"timeouts":{"total":"6s"}}""");
                await scene.AskedAsync(ask => ask.Ask == 2);
                Assert.Equal("applied", await scene.StopAsync());
                await scene.TotalPassedAsync();
                scene.Tell(scene.Returned(2));
                await scene.NudgeAsync();
            }),
    ];

    /// <summary>A worker that is told of the stop with what it is sent.</summary>
    private static Task<ContainerReport> Stopped(RunContainerInput input)
    {
        Assert.NotNull(input.Stop);
        return Task.FromResult(JobScript.Exit(input, 143, ContainerEnd.Stopped, signal: 15));
    }

    /// <summary>The worker holds the attempt, and before it is sent again a nudge makes the job ask once more.</summary>
    private static async Task LookAgainAsync(Scene scene, params Func<PlaceAsk, PlaceAnswer>[] answers)
    {
        scene.Times = scene.Times with { Receipt = TimeSpan.FromSeconds(4) };
        scene.Thinks = ask => ask.Ask == 2 ? scene.NudgeAsync() : Task.CompletedTask;
        scene.Tell([scene.Offered(), scene.Answer(PlaceAnswerKind.Held), .. answers]);
        await scene.StartAsync();
        await scene.AskedAsync(ask => ask.Ask == 3);
    }
}
