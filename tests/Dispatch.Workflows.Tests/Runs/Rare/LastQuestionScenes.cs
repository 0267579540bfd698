using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Tests.Runs.Rare;

/// <summary>No attempt is left, and the placer is asked for the last time: what it may answer, and what people want meanwhile.</summary>
internal static class LastQuestionScenes
{
    private const string NoRetry = """{"process":["x"],"retry":{"workerLost":{"max":0}}}""";

    private static readonly (string Name, string Kind, string Reason, Func<Scene, Func<PlaceAsk, PlaceAnswer>> Answer)[] LaterAttempts =
    [
        ("that-expired", "Ended expired", "WorkerLost", scene => scene.Expired(2)),
        ("that-was-returned", "Ended returned", "WorkerLost", scene => scene.Returned(2)),
        ("and-how-it-had-exited", "Ended with a report", "WorkloadExited", scene => scene.EndedWithReport(2)),
        ("and-how-it-had-failed", "Ended with a failure", "ImageError", scene => scene.EndedWithFailure(2)),
        ("that-is-offered", "Offered", "WorkerLost", scene => scene.Offered(2)),
        ("that-waits", "Waiting", "WorkerLost", scene => scene.Answer(PlaceAnswerKind.Waiting, 2)),
        ("that-is-refused", "Refused", "NotAdmitted", scene => scene.Refused(2)),
    ];

    public static IEnumerable<RareScene> All =>
    [
        new(
            "last-question-finds-the-attempt-held",
            "Opened Selected(2,w1) Sent(2.1) Sent(2.2) Received(2) Closed(WorkloadExited)",
            ["Final: placed, Held of an earlier attempt", "Final: placed, Held"],
            async scene =>
            {
                scene.Times = scene.Times with { Receipt = TimeSpan.FromSeconds(1) };
                scene.Run = input => input.Delivery == 1 ? throw JobScript.Failure(ErrorCode.StaleLease) : Task.FromResult(JobScript.Exit(input, 0));
                scene.TellAtOnce(scene.Offered(2), scene.Expired(), scene.Answer(PlaceAnswerKind.Held, 1), scene.Answer(PlaceAnswerKind.Held));
                await scene.StartAsync(NoRetry);
            }),
        new(
            "last-question-finds-a-failure",
            "Opened Selected(1,w1) Sent(1.1) Received(1,ImageNotFound) Closed(ImageError)",
            ["Final: placed, Ended with a failure"],
            scene => AskLastAsync(scene, scene.EndedWithFailure())),
        .. LaterAttempts.Select(later => new RareScene(
            $"last-question-told-of-a-later-attempt-{later.Name}",
            $"Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed({later.Reason})",
            [$"Final: placed, {later.Kind} of a later attempt"],
            scene => AskLastAsync(scene, later.Answer(scene)))),
        new(
            "last-question-told-of-a-later-attempt-that-runs",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Selected(2,w1) Sent(2.1) Received(2) Closed(WorkloadExited)",
            ["Final: placed, Held of a later attempt"],
            scene =>
            {
                scene.Run = input => input.Attempt == 1 ? throw JobScript.Failure(ErrorCode.StaleLease) : Task.FromResult(JobScript.Exit(input, 0));
                return AskLastAsync(scene, scene.Answer(PlaceAnswerKind.Held, 2));
            }),
        new(
            "told-of-earlier-attempts-at-the-last-question",
            "Opened Selected(2,w1) Sent(2.1) Exited(2,fenced) Closed(NotAdmitted)",
            [
                "Final: placed, Ended expired of an earlier attempt", "Final: placed, Ended returned of an earlier attempt", "Final: placed, Ended with a report of an earlier attempt",
                "Final: placed, Ended with a failure of an earlier attempt", "Final: placed, Offered of an earlier attempt", "Final: placed, Unavailable of an earlier attempt", "Final: placed, Unavailable of a later attempt", "Final: placed, Waiting of an earlier attempt",
                "Final: placed, Refused of an earlier attempt",
            ],
            async scene =>
            {
                scene.TellAtOnce(
                    scene.Offered(2), scene.Expired(), scene.Expired(1), scene.Returned(1), scene.EndedWithReport(1), scene.EndedWithFailure(1), scene.Offered(1),
                    scene.Answer(PlaceAnswerKind.Unavailable, 1),
                    scene.Answer(PlaceAnswerKind.Unavailable, 3), scene.Answer(PlaceAnswerKind.Waiting, 1), scene.Refused(1));
                await scene.StartAsync(NoRetry);
            }),
        new(
            "cancelled-at-the-last-question-and-told-how-a-later-attempt-had-failed",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(Cancelled)",
            ["Final: cancel requested", "Final, stopping: placed, Ended with a failure of a later attempt"],
            async scene =>
            {
                scene.Tell(scene.Offered(), scene.Expired());
                await scene.StartAsync(NoRetry);
                await scene.AskedAsync(ask => ask.Final);
                await scene.CancelAsync();
                await scene.CancelHeardAsync();
                scene.Else = scene.EndedWithFailure(2);
            }),
        new(
            "extensions-wait-at-the-last-question",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(NotAdmitted)",
            [
                "Final: control closed, applied", "Final: control closed, not reached", "Final: control closed, refused", "Final: command Extend", "Final: command SetPriority", "Final: nudged",
                "Final: placed, Refused",
            ],
            async scene =>
            {
                scene.RunUntilTold();
                scene.HoldControls();
                scene.Tell(scene.Offered(), scene.Expired());
                await scene.StartAsync(NoRetry);
                await scene.SentAsync();
                List<Task<string>> extensions = [];
                for (var told = 1; told <= 3; told++)
                {
                    extensions.Add(scene.ExtendAsync());
                    await scene.ControlledAsync(told);
                }

                scene.EndRun();
                await scene.AskedAsync(ask => ask.Final);
                scene.LetGo(1);
                Assert.Equal("applied", await extensions[0]);
                scene.LetGo(2, ErrorCode.WorkerUnreachable);
                scene.LetGo(3, ErrorCode.StaleLease);
                extensions.Add(scene.ExtendAsync());
                Assert.Equal("applied", await scene.SetPriorityAsync());
                scene.Tell(scene.Refused());
                await scene.NudgeAsync();
                foreach (var waits in extensions.Skip(1)) Assert.Contains(await waits, new[] { "not applied", "ended" });
            }),
        new(
            "stopped-at-the-last-question-and-told-of-earlier-attempts",
            "Opened Selected(2,w1) Sent(2.1) Exited(2,fenced) Closed(NotAdmitted)",
            [
                "Final, stopping: placed, Ended expired of an earlier attempt", "Final, stopping: placed, Ended returned of an earlier attempt",
                "Final, stopping: placed, Ended with a report of an earlier attempt", "Final, stopping: placed, Ended with a failure of an earlier attempt",
                "Final, stopping: placed, Held of an earlier attempt",
                "Final, stopping: placed, Offered of an earlier attempt", "Final, stopping: placed, Unavailable of an earlier attempt",
                "Final, stopping: placed, Unavailable of a later attempt", "Final, stopping: placed, Waiting of an earlier attempt",
                "Final, stopping: placed, Refused of an earlier attempt",
            ],
            async scene =>
            {
                scene.Tell(scene.Offered(2), scene.Expired());
                await scene.StartAsync(NoRetry);
                await scene.AskedAsync(ask => ask.Final);
                Assert.Equal("applied", await scene.StopAsync());
                scene.TellAtOnce(
                    scene.Expired(1), scene.Returned(1), scene.EndedWithReport(1), scene.EndedWithFailure(1), scene.Answer(PlaceAnswerKind.Held, 1), scene.Offered(1), scene.Answer(PlaceAnswerKind.Unavailable, 1),
                    scene.Answer(PlaceAnswerKind.Unavailable, 3), scene.Answer(PlaceAnswerKind.Waiting, 1), scene.Refused(1));
                await scene.NudgeAsync();
            }),
        new(
            "stopped-at-the-last-question-and-asked-for-everything",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(NotAdmitted)",
            [
                "Final: command Pause", "Final: command Unpause", "Final: command Stop", "Final, stopping: command Extend", "Final, stopping: command Pause",
                "Final, stopping: command SetPriority", "Final, stopping: command Stop", "Final, stopping: command Stop now", "Final, stopping: command Unpause", "Final, stopping: nudged",
                "Final, stopping: placed, Refused",
            ],
            async scene =>
            {
                scene.Tell(scene.Offered(), scene.Expired());
                await scene.StartAsync(NoRetry);
                await scene.AskedAsync(ask => ask.Final);
                Assert.Equal("AlreadyRunning", await scene.PauseAsync());
                Assert.Equal("not applied", await scene.UnpauseAsync());
                Assert.Equal("applied", await scene.StopAsync());
                Assert.Equal("AlreadyStopping", await scene.ExtendAsync());
                Assert.Equal("AlreadyRunning", await scene.PauseAsync());
                Assert.Equal("applied", await scene.SetPriorityAsync());
                Assert.Equal("AlreadyStopping", await scene.StopAsync());
                Assert.Equal("applied", await scene.StopAsync(StopMode.Now));
                Assert.Equal("not applied", await scene.UnpauseAsync());
                scene.Tell(scene.Refused());
                await scene.NudgeAsync();
            }),
        new(
            "extension-and-stops-come-back-at-the-last-question",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(Cancelled)",
            [
                "Sent, stopping: run closed, failed", "Final, stopping: control closed, applied", "Final, stopping: control closed, not reached",
                "Final, stopping: control closed, refused",
                "Final, stopping: placed, Ended expired of a later attempt",
            ],
            async scene =>
            {
                scene.RunUntilTold();
                scene.HoldControls();
                scene.Tell(scene.Offered(), scene.Expired());
                await scene.StartAsync(NoRetry);
                await scene.SentAsync();
                var extension = scene.ExtendAsync();
                await scene.ControlledAsync(1);
                var stop = scene.StopAsync();
                await scene.ControlledAsync(2);
                var kill = scene.StopAsync(StopMode.Now);
                await scene.ControlledAsync(3);
                scene.EndRun();
                await scene.AskedAsync(ask => ask.Final);
                scene.LetGo(1, ErrorCode.AlreadyStopping);
                scene.LetGo(2);
                Assert.Equal("applied", await stop);
                scene.LetGo(3, ErrorCode.WorkerUnreachable);
                Assert.Equal("applied", await kill);
                scene.Tell(scene.Expired(2));
                await scene.NudgeAsync();
                Assert.Equal("not applied", await extension);
            }),
        new(
            "stopped-at-the-last-question-and-refused-for-a-later-attempt",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(NotAdmitted)",
            ["Final, stopping: placed, Refused of a later attempt"],
            async scene =>
            {
                scene.Tell(scene.Offered(), scene.Expired());
                await scene.StartAsync(NoRetry);
                await scene.AskedAsync(ask => ask.Final);
                Assert.Equal("applied", await scene.StopAsync());
                scene.Tell(scene.Refused(2));
                await scene.NudgeAsync();
            }),
        new(
            "stop-at-the-last-question-is-not-waited-for-for-ever",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,lost) Closed(Cancelled)",
            ["Final: command Stop now", "Final, stopping: timer StopWait"],
            async scene =>
            {
                scene.Times = JobScript.Times;
                scene.Tell(scene.Offered(), scene.Expired());
                await scene.StartAsync(NoRetry);
                await scene.AskedAsync(ask => ask.Final);
                Assert.Equal("applied", await scene.StopAsync(StopMode.Now));
            }),
        new(
            "stopped-at-the-last-question-and-a-later-attempt-is-held",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Selected(2,w1) Sent(2.1) Received(2) Closed(Cancelled)",
            ["Final, stopping: timer Total", "Final, stopping: placed, Held of a later attempt"],
            async scene =>
            {
                scene.Tell(scene.Offered(), scene.Expired());
                await scene.StartAsync("""{"process":["x"],"timeouts":{"total":"6s"},"retry":{"workerLost":{"max":0}}}""");
                await scene.AskedAsync(ask => ask.Final);
                Assert.Equal("applied", await scene.StopAsync());
                await scene.TotalPassedAsync();
                scene.Run = input => Task.FromResult(JobScript.Exit(input, 143, ContainerEnd.Stopped, signal: 15));
                scene.Tell(scene.Answer(PlaceAnswerKind.Held, 2));
                await scene.NudgeAsync();
            }),
    ];

    private static async Task AskLastAsync(Scene scene, Func<PlaceAsk, PlaceAnswer> answer)
    {
        scene.Tell(scene.Offered(), scene.Expired(), answer);
        await scene.StartAsync(NoRetry);
    }
}
