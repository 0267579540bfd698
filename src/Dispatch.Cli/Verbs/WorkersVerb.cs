using System.CommandLine;
using System.Globalization;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch workers list|get</c>.</summary>
internal static class WorkersVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("workers", "See the workers");
        command.Subcommands.Add(List());
        command.Subcommands.Add(Get());
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List all workers");
        var server = CommonOptions.Server();
        var format = CommonOptions.Format();
        command.Options.Add(server);
        command.Options.Add(format);
        command.SetAction(async (parsed, token) =>
        {
            using var client = parsed.Client(server);
            var page = await client.WorkersAsync(token).ConfigureAwait(false);
            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(page);
            else
                Show(page.Workers);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Get()
    {
        var command = new Command("get", "Show one worker with its leases");
        var id = new Argument<string>("WORKER") { Description = "The worker's id" }.Checked(OptionChecks.Filled);
        var server = CommonOptions.Server();
        var format = CommonOptions.Format();
        command.Arguments.Add(id);
        command.Options.Add(server);
        command.Options.Add(format);
        command.SetAction(async (parsed, token) =>
        {
            using var client = parsed.Client(server);
            var worker = await client.WorkerAsync(new(parsed.GetValue(id)!), token).ConfigureAwait(false);
            if (parsed.GetValue(format) == OutputFormat.Json)
            {
                Screen.Json(worker);
                return ExitCodes.Success;
            }

            Show([worker]);
            var leases = Screen.Table("JOB", "ATTEMPT", "LEASE", "STATE", "ACTIVITY");
            foreach (var lease in worker.Leases)
                Screen.Row(leases, lease.Job.Value, lease.Attempt.ToString(CultureInfo.InvariantCulture), lease.Lease.Value, lease.State, lease.Activity?.ToString());
            Screen.Output.Write(leases);
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Show(IReadOnlyList<WorkerView> workers)
    {
        if (workers.Count == 0)
        {
            Screen.Note("no workers");
            return;
        }

        var table = Screen.Table("WORKER", "STATE", "POOL", "RUNTIMES", "SLOTS", "CPU FREE", "MEMORY FREE", "LABELS", "SEEN");
        foreach (var worker in workers)
        {
            if (worker.RowsBroken is not null)
            {
                Screen.Row(table, worker.Id.Value, $"{worker.State} (!)", "", "", "", "", "", "", "");
                continue;
            }

            Screen.Row(
                table,
                $"{worker.Id}:{worker.Incarnation}",
                worker.Unmet.Count == 0 ? worker.State.ToString() : $"{worker.State} ({string.Join("; ", worker.Unmet)})",
                worker.Pool,
                string.Join(", ", worker.Runtimes),
                $"{worker.Leases.Count}/{worker.Capacity.Slots ?? 1}",
                string.Create(CultureInfo.InvariantCulture, $"{worker.Free.Cpu}/{worker.Capacity.Cpu}"),
                $"{Screen.Size(worker.Free.MemoryBytes)}/{Screen.Size(worker.Capacity.MemoryBytes)}",
                string.Join(", ", worker.Labels.Select(label => $"{label.Key}={label.Value}")),
                Screen.Time(worker.LastSeen));
        }

        Screen.Output.Write(table);
        foreach (var worker in workers.Where(worker => worker.RowsBroken is not null))
            Screen.Note($"(!) {worker.RowsBroken}");
    }
}
