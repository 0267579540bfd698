using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Tests.Runs.Rare;

/// <summary>A job that was reset is stopped while its history has no attempt open: what its row has is asked first.</summary>
internal static class ResetScenes
{
    public static IEnumerable<RareScene> All =>
    [
        new(
            "reset-and-stopped-in-the-queue-while-a-later-attempt-runs",
            "Opened Selected(3,w1) Sent(3.1) Received(3) Closed(Cancelled)",
            ["Placing: command Stop", "Final, stopping: placed, Held of a later attempt"],
            async scene =>
            {
                scene.Run = input => Task.FromResult(JobScript.Exit(input, 143, ContainerEnd.Stopped, signal: 15));
                await StopInQueueAsync(scene, scene.Answer(PlaceAnswerKind.Held, 3));
            }),
        new(
            "reset-and-stopped-in-the-queue-after-a-later-attempt-had-failed",
            "Opened Closed(Cancelled)",
            ["Placing: command Stop", "Final, stopping: placed, Ended with a failure of a later attempt"],
            scene => StopInQueueAsync(scene, scene.EndedWithFailure(2))),
        new(
            "reset-and-cancelled-while-backing-off",
            "Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit) Closed(Cancelled)",
            ["BackingOff: cancel requested", "Final, stopping: placed, Ended returned"],
            async scene =>
            {
                scene.Run = input => Task.FromResult(JobScript.Exit(input, 1));
                scene.Tell(scene.Offered(), scene.Returned());
                await scene.StartAsync("""{"process":["x"],"retry":{"nonZero":{"max":1,"backoff":{"initial":"1h","max":"1h"}}}}""", queue: JobWorld.AfterReset);
                await scene.SentAsync();
                await scene.RunEndHeardAsync();
                await scene.CancelAsync();
            }),
        new(
            "reset-and-stopped-in-the-queue-while-the-registry-is-away",
            "Opened Closed(CancelledBeforeStart)",
            ["Final, stopping: placed, Unavailable", "Final, stopping: timer Queue"],
            async scene =>
            {
                scene.Tell(scene.Answer(PlaceAnswerKind.Waiting));
                await scene.StartAsync("""{"process":["x"],"timeouts":{"queue":"3s"}}""", queue: JobWorld.AfterReset);
                await scene.AskedAsync(ask => ask.Ask == 1);
                Assert.Equal("applied", await scene.StopAsync());
                await scene.QueuePassedAsync();
                scene.Tell(scene.Returned());
                await scene.NudgeAsync();
            }),
    ];

    private static async Task StopInQueueAsync(Scene scene, Func<PlaceAsk, PlaceAnswer> then)
    {
        scene.Tell(scene.Answer(PlaceAnswerKind.Waiting), then);
        await scene.StartAsync(queue: JobWorld.AfterReset);
        await scene.AskedAsync(ask => ask.Ask == 1);
        Assert.Equal("applied", await scene.StopAsync());
    }
}
