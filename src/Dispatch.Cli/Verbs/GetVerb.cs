using System.CommandLine;
using Dispatch.Cli.Client;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Spectre.Console;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch get</c> and <c>dispatch wait</c>: one job, now or at its end.</summary>
internal static class GetVerb
{
    private static readonly TimeSpan WaitAtOnce = TimeSpan.FromSeconds(30);

    /// <summary>Makes <c>get</c>.</summary>
    public static Command Build() => JobVerb.Build("get", "Show one job", (client, job, token) => client.GetAsync(job, token), Show);

    /// <summary>Makes <c>wait</c>: exits with the job's code.</summary>
    public static Command BuildWait() => JobVerb.Build("wait", "Wait for a job's end; exits with the job's exit code", EndAsync, Show, JobExit.CodeOf);

    private static async Task<JobView> EndAsync(DispatchClient client, JobId job, CancellationToken token)
    {
        var patience = new Patience(job, "wait", Screen.Note, TimeProvider.System);
        while (true)
        {
            if (await patience.AskAsync(() => client.WaitAsync(job, WaitAtOnce, token), token).ConfigureAwait(false) is { State: JobState.Closed } view)
                return view;
        }
    }

    private static void Show(JobView view)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumn(new TableColumn("") { NoWrap = true, Padding = new Padding(0, 0, 2, 0) }).AddColumn("");
        Line("id", view.Id.Value);
        Line("state", view.State.ToString());
        Line("reason", view.Reason?.ToString() ?? view.ClosedBy);
        Line(view.Error is null ? "message" : "error", view.Error is { } error ? $"{error}: {view.Message}" : view.Message);
        Line("registry", view.RowsBroken);
        Line("exit code", view.ExitCode?.ToString());
        Line("signal", view.Report?.Outcome.SignalName);
        Line("outcome", view.Report?.Outcome.Message);
        Line("name", view.Name);
        Line("owner", view.Owner);
        Line("labels", view.Labels.Count == 0 ? null : string.Join(", ", view.Labels.Select(label => $"{label.Key}={label.Value}")));
        Line("pool", view.Pool);
        Line("priority", view.Priority.ToString());
        Line("worker", view.Worker is { } worker ? $"{worker} (incarnation {view.Incarnation})" : null);
        Line("attempt", view.Attempt == 0 ? null : view.Attempt.ToString());
        Line("queued", Screen.Time(view.QueuedAt));
        Line("started", Screen.Time(view.StartedAt));
        Line("ended", Screen.Time(view.EndedAt));
        Line("ran", view.Report?.Timings.RunSeconds is { } seconds ? $"{seconds:0.000} s" : null);
        Line("image", view.Report?.ImageDigest);
        Line("output", view.StdoutTail is { } stdout ? $"{stdout.TotalBytes} bytes of stdout, {view.StderrTail?.TotalBytes ?? 0} of stderr; see `dispatch logs {view.Id}`" : null);
        Line("output lost", view.Report?.Log?.LostBytes is { } lost ? $"{lost} bytes: the worker's disk was full" : null);
        Line("conversation", view.Conversation.Value);
        Screen.Output.Write(table);

        void Line(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                Screen.Row(table, name, value);
        }
    }
}
