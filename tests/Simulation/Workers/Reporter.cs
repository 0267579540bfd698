using Dispatch.Simulation.Time;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation.Workers;

/// <summary>How a worker speaks to Temporal over its link; NOT_FOUND is asked after, as the worker's reporter does.</summary>
internal sealed class Reporter(WorkerProcess worker, Link link)
{
    public void Heartbeat(ActivityToken token, TimeSpan limit, Action<TemporalAnswer> answered) =>
        Ask(token, temporal => temporal.Heartbeat(Text(token)), limit, answered);

    public void Report(ActivityToken token, AttemptReport report, Action<TemporalAnswer> answered) =>
        Ask(token, temporal => temporal.Report(Text(token), EndOf(report)), AttemptHands.ReportLimit, answered);

    public static RunEnd EndOf(AttemptReport report) => report.Result is { } result ? new RunEnd.Reported(result) : new RunEnd.Failed(report.Failure!);

    public static ActivityToken TokenOf(Temporal.Activity activity, int delivery) => new()
    {
        Token = System.Text.Encoding.UTF8.GetBytes(activity.Token),
        Delivery = delivery,
        WorkflowId = activity.Run.Job.Value,
        RunId = activity.Run.RunId,
    };

    private void Ask(ActivityToken token, Func<Temporal.TemporalModel, TemporalAnswer?> ask, TimeSpan limit, Action<TemporalAnswer> answered) => link.Ask<object?>(
        worker,
        () => true,
        () => ask(worker.World.Temporal),
        (came, answer) =>
        {
            if (!came) answered(TemporalAnswer.NotAccepted);
            else if (answer is TemporalAnswer said) answered(said);
            else link.Ask<object>(worker, () => true, () => worker.World.Temporal.Describe(token.RunId), (known, run) => answered(known ? (TemporalAnswer)run! : TemporalAnswer.NotAccepted), limit);
        },
        limit);

    private static string Text(ActivityToken token) => System.Text.Encoding.UTF8.GetString(token.Token);
}
