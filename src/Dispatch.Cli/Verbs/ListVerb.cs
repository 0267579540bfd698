using System.CommandLine;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch list</c>: jobs, newest first.</summary>
internal static class ListVerb
{
    /// <summary>Most jobs that the server tells at once.</summary>
    private const int LimitMost = 1000;

    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("list", "List jobs by their start, newest first");
        var state = new Option<string?>("--state") { Description = "Only jobs in this state: Queued, Paused, Sent, Running, Closed, …" }.OneOf(Enum.GetNames<JobState>(), anyCase: true);
        var pool = new Option<string?>("--pool") { Description = "Only jobs of this pool" };
        var owner = new Option<string?>("--owner") { Description = "Only jobs of this owner" };
        var label = new Option<string?>("--label") { Description = "Only jobs with this label, NAME=VALUE" }.Checked(OptionChecks.Pair);
        var limit = new Option<int>("--limit") { Description = $"At most so many, 1 to {LimitMost}", DefaultValueFactory = _ => 50 }.Checked(OptionChecks.Whole(1, LimitMost));
        var server = CommonOptions.Server();
        var format = CommonOptions.Format();
        foreach (var option in new Option[] { state, pool, owner, label, limit, server, format })
            command.Options.Add(option);
        command.SetAction(async (parsed, token) =>
        {
            var query = new QueryText().Add("state", parsed.GetValue(state)).Add("pool", parsed.GetValue(pool)).Add("owner", parsed.GetValue(owner))
                .Add("label", parsed.GetValue(label)).Add("limit", parsed.GetValue(limit).ToString(System.Globalization.CultureInfo.InvariantCulture));
            using var client = parsed.Client(server);
            var page = await client.ListAsync(query.ToString(), token).ConfigureAwait(false);
            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(page);
            else
                Show(page);
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Show(JobPage page)
    {
        if (page.Jobs.Count == 0)
        {
            Screen.Note("no jobs");
            return;
        }

        var table = Screen.Table("ID", "STATE", "REASON", "EXIT", "POOL", "WORKER", "ATTEMPT", "QUEUED", "NAME");
        foreach (var job in page.Jobs)
            Screen.Row(table, job.Id.Value, job.RowsBroken is null ? job.State.ToString() : $"{job.State} (!)", job.Error?.ToString() ?? job.Reason?.ToString() ?? job.ClosedBy, job.ExitCode?.ToString(), job.Pool, job.Worker?.Value, job.Attempt == 0 ? "" : job.Attempt.ToString(), Screen.Time(job.QueuedAt), job.Name);
        Screen.Output.Write(table);
        foreach (var job in page.Jobs.Where(job => job.RowsBroken is not null))
            Screen.Note($"(!) {job.RowsBroken}");
        if (page.Next is not null)
            Screen.Note("there are more; see --limit");
    }
}
