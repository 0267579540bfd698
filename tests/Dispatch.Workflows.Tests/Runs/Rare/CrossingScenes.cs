using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Tests.Runs.Rare;

/// <summary>
/// Something happens while the placer is being asked, and the job hears of it before the answer. For that the asking has to outlast most of a workflow
/// task, whose time-out is short here: then the host begins another task, which brings what happened meanwhile.
/// </summary>
internal static class CrossingScenes
{
    private static readonly TimeSpan ShortTask = TimeSpan.FromSeconds(2);

    private static readonly PlaceAnswerKind[] Kinds = Enum.GetValues<PlaceAnswerKind>();

    public static IEnumerable<RareScene> All =>
    [
        .. Kinds.Select(kind => new RareScene(
            $"run-fails-while-its-worker-is-sought-{kind}",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(WorkerLost)",
            [$"Looking: located, {kind}"],
            scene => SeekAsync(scene, stop: false, scene.Answer(kind), end: null))),
        .. Kinds.Select(kind => new RareScene(
            $"run-fails-while-its-worker-is-sought-for-a-stop-{kind}",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Closed(Cancelled)",
            [$"Looking, stopping: located, {kind}"],
            scene => SeekAsync(scene, stop: true, scene.Answer(kind), end: null))),
        .. Kinds.Select(kind => new RareScene(
            $"drained-while-its-worker-is-sought-{kind}",
            "Opened Selected(1,w1) Sent(1.1) Exited(1,draining) Selected(2,w1) Sent(2.1) Received(2) Closed(WorkloadExited)",
            [$"Placing: located, {kind}"],
            scene => SeekAsync(
                scene,
                stop: false,
                scene.Answer(kind),
                input => input.Attempt == 1 ? JobScript.Exit(input, 143, ContainerEnd.Drained, signal: 15) : JobScript.Exit(input, 0),
                scene.Offered()))),
        .. Kinds.Select(kind => new RareScene(
            $"exits-for-another-attempt-while-its-worker-is-sought-{kind}",
            "Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit) Selected(2,w1) Sent(2.1) Received(2) Closed(WorkloadExited)",
            [$"BackingOff: located, {kind}"],
            scene => SeekAsync(scene, stop: false, scene.Answer(kind), input => JobScript.Exit(input, input.Attempt == 1 ? 1 : 0), scene.Offered()))),
        new(
            "exits-while-its-worker-is-sought",
            "Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)",
            ["Ended: located"],
            scene => SeekAsync(scene, stop: false, scene.Answer(PlaceAnswerKind.Held), input => JobScript.Exit(input, 0))),
        new(
            "not-found-for-extensions",
            "Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)",
            ["Sent: located, Unavailable", "Sent: located, Refused"],
            async scene =>
            {
                scene.RunUntilTold(input => JobScript.Exit(input, 0));
                scene.ReachNobody();
                scene.Tell(scene.Offered(), scene.Answer(PlaceAnswerKind.Unavailable), scene.Refused());
                await scene.StartAsync();
                await scene.SentAsync();
                Assert.Equal("WorkerUnreachable", await scene.ExtendAsync());
                Assert.Equal("WorkerUnreachable", await scene.ExtendAsync());
                scene.EndRun();
            }),
        new(
            "cancelled-while-it-is-being-placed",
            "Opened Closed(CancelledBeforeStart)",
            ["Ended: placed"],
            async scene =>
            {
                scene.Thinks = async _ =>
                {
                    await scene.CancelAsync();
                    await scene.CancelHeardAsync();
                };
                scene.Tell(scene.Offered());
                await scene.StartAsync(taskTimeout: ShortTask);
            }),
    ];

    /// <summary>A command does not reach the worker, the placer is asked where that is, and before it answers the run closes.</summary>
    private static async Task SeekAsync(
        Scene scene, bool stop, Func<PlaceAsk, PlaceAnswer> located, Func<RunContainerInput, ContainerReport>? end, params Func<PlaceAsk, PlaceAnswer>[] then)
    {
        scene.RunUntilTold(end);
        scene.ReachNobody();
        scene.Thinks = async ask =>
        {
            if (ask.Ask != 2) return;
            scene.EndRun();
            await scene.RunEndHeardAsync();
        };
        scene.Else = scene.ExpiredOrOffered;
        scene.Tell([scene.Offered(), located, .. then]);
        await scene.StartAsync("""{"process":["x"],"retry":{"workerLost":{"max":0},"nonZero":{"max":1,"backoff":{"initial":"50ms"}}}}""", ShortTask);
        await scene.SentAsync();
        _ = stop ? await scene.StopAsync() : await scene.ExtendAsync();
    }
}
