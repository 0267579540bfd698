using System.CommandLine;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;
using Spectre.Console;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch get</c> and <c>dispatch wait</c>: one job, now or at its end.</summary>
internal static class GetVerb
{
    /// <summary>Makes <c>get</c>.</summary>
    public static Command Build()
    {
        var command = new Command("get", "Show one job");
        var id = CommonOptions.JobId();
        var server = CommonOptions.Server();
        var format = CommonOptions.Format();
        command.Arguments.Add(id);
        command.Options.Add(server);
        command.Options.Add(format);
        command.SetAction(async (parsed, token) =>
        {
            using var client = parsed.Client(server);
            var view = await client.GetAsync(parsed.Job(id), token).ConfigureAwait(false);
            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(view);
            else
                Show(view);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Makes <c>wait</c>: exits with the job's code.</summary>
    public static Command BuildWait()
    {
        var command = new Command("wait", "Wait for a job's end; exits with the job's exit code");
        var id = CommonOptions.JobId();
        var server = CommonOptions.Server();
        var format = CommonOptions.Format();
        command.Arguments.Add(id);
        command.Options.Add(server);
        command.Options.Add(format);
        command.SetAction(async (parsed, token) =>
        {
            using var client = parsed.Client(server);
            JobView view;
            do
                view = await client.WaitAsync(parsed.Job(id), TimeSpan.FromSeconds(30), token).ConfigureAwait(false);
            while (view.State != JobState.Closed);
            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(view);
            else
                Show(view);
            return JobExit.CodeOf(view);
        });
        return command;
    }

    private static void Show(JobView view)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumn(new TableColumn("") { NoWrap = true, Padding = new Padding(0, 0, 2, 0) }).AddColumn("");
        Line("id", view.Id.Value);
        Line("state", view.State.ToString());
        Line("reason", view.Reason?.ToString() ?? view.ClosedBy);
        Line(view.Error is null ? "message" : "error", view.Error is { } error ? $"{error}: {view.Message}" : view.Message);
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
        Line("conversation", view.Conversation.Value);
        Screen.Output.Write(table);

        void Line(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                Screen.Row(table, name, value);
        }
    }
}
