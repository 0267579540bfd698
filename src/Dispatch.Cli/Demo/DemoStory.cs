using System.Text.Json;
using System.Text.Json.Nodes;
using Dispatch.Cli.Client;
using Dispatch.Cli.Output;
using Dispatch.Cli.Verbs;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;

namespace Dispatch.Cli.Demo;

/// <summary>Four jobs and what becomes of them: told as it happens, on an embedded engine with two workers as processes of their own.</summary>
internal sealed class DemoStory : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan JobTimeout = TimeSpan.FromSeconds(45);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("dispatch-demo-");
    private readonly List<RoleProcess> processes = [];
    private readonly int[] ports = FreePorts.Find(2);
    private readonly DispatchClient client;

    /// <summary>Makes the story; nothing is started yet.</summary>
    public DemoStory() => client = new DispatchClient([new Uri(Server)]);

    private string Server => $"http://127.0.0.1:{ports[1]}";

    private string Temporal => $"127.0.0.1:{ports[0]}";

    /// <summary>Tells it.</summary>
    public async Task TellAsync(CancellationToken token)
    {
        Title("Starting an embedded engine, and two workers as processes of their own");
        Start("dev", "dev", "--port", $"{ports[0]}", "--http-port", $"{ports[1]}", "--data", Path.Combine(folder.FullName, "dev"), "--no-worker", "--profile", "fast");
        await UntilAsync("the server answers", async () => await WorkersAsync(token).ConfigureAwait(false) is not null, StartTimeout, token).ConfigureAwait(false);
        var ada = StartWorker("ada");
        var bob = StartWorker("bob");
        await UntilAsync("both workers are ready", async () => (await WorkersAsync(token).ConfigureAwait(false))?.Count(worker => worker.State == WorkerState.Ready) == 2, StartTimeout, token).ConfigureAwait(false);
        Say($"engine and server pid {processes[0].Id}, worker ada pid {ada.Id}, worker bob pid {bob.Id}");

        Title("1. A job that succeeds");
        await ShowAsync(await SubmitAsync("succeeds", "echo hello from a process; echo and this is stderr >&2", null, token).ConfigureAwait(false), token).ConfigureAwait(false);

        Title("2. A job that exits 3");
        await ShowAsync(await SubmitAsync("exits-3", "echo something is wrong >&2; exit 3", null, token).ConfigureAwait(false), token).ConfigureAwait(false);

        Title("3. A job whose worker is killed while it runs, and comes back");
        var adopted = await SubmitAsync("adopted", "i=1; while [ $i -le 12 ]; do echo line $i of 12; i=$((i+1)); sleep 0.5; done", "ada", token).ConfigureAwait(false);
        await ShowAsync(adopted, token, onLine: async lines =>
        {
            if (lines != 3)
                return;
            await ada.KillAsync().ConfigureAwait(false);
            Say("  >> worker ada was killed with SIGKILL; its job runs on under the guard");
            ada = StartWorker("ada");
            Say($"  >> worker ada is started again, pid {ada.Id}: it adopts the job, same attempt, no line lost");
        }).ConfigureAwait(false);

        Title("4. A job whose worker is killed and stays away");
        var moved = await SubmitAsync("moved", "echo begun by pid $$; i=1; while [ $i -le 8 ]; do echo step $i; i=$((i+1)); sleep 0.5; done; echo finished", null, token).ConfigureAwait(false);
        await ShowAsync(moved, token, onLine: async lines =>
        {
            if (lines != 3)
                return;
            var at = (await client.GetAsync(moved, token).ConfigureAwait(false)).Worker?.Value;
            var victim = at == "ada" ? ada : bob;
            await victim.KillAsync().ConfigureAwait(false);
            Say($"  >> worker {victim.Name} was killed and stays away: its guard ends the process before the lease does, then the other worker begins anew");
        }).ConfigureAwait(false);
    }

    /// <summary>What to try next.</summary>
    public static void Farewell()
    {
        Title("What to try next");
        Screen.Line("  ./dispatch dev                                                   # an engine, a server and a worker that stay up");
        Screen.Line("  ./dispatch run --process -- sh -c 'echo hello; echo oops >&2; exit 3'   # in another terminal");
        Screen.Line("  ./dispatch list");
        Screen.Line("  ./dispatch operations ID");
        Screen.Line("  ./dispatch why ID");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(processes).Where(process => !process.HasExited))
            await process.StopAsync(TimeSpan.FromSeconds(15)).ConfigureAwait(false);
        await GuardsGoneAsync().ConfigureAwait(false);
        foreach (var process in processes)
            process.Dispose();
        client.Dispose();
        folder.Delete(recursive: true);
    }

    private static void Title(string text)
    {
        Screen.Line();
        Screen.Line($"== {text}");
    }

    private static void Say(string text) => Screen.Line(text);

    private RoleProcess StartWorker(string name) =>
        Start(name, "worker", "--id", name, "--server", Server, "--address", Temporal, "--data", Path.Combine(folder.FullName, name), "--slots", "4", "--runtimes", "process", "--on-stop", "stop");

    private RoleProcess Start(string name, params string[] arguments)
    {
        var process = RoleProcess.Start(name, Path.Combine(folder.FullName, $"{name}.log"), arguments);
        processes.Add(process);
        return process;
    }

    private async Task<JobId> SubmitAsync(string id, string script, string? worker, CancellationToken token)
    {
        var spec = new JsonObject { ["process"] = new JsonArray("sh", "-c", script) };
        if (worker is not null)
            spec["worker"] = worker;
        Say($"$ dispatch run --id {id}{(worker is null ? "" : $" --worker {worker}")} --process -- sh -c '{script}'");
        return (await client.SubmitAsync(new JobSubmission { Id = id, Spec = JsonSerializer.SerializeToElement(spec), Trigger = "cli" }, token).ConfigureAwait(false)).Id;
    }

    private async Task ShowAsync(JobId job, CancellationToken token, Func<int, Task>? onLine = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(JobTimeout);
        var lines = 0;
        await foreach (var piece in client.FollowAsync(job, "?follow=true", new(job, "logs -f", Screen.Note, TimeProvider.System), limit.Token).ConfigureAwait(false))
        {
            foreach (var line in (piece.Text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Say($"  {(piece.Stream == "stderr" ? "!" : "|")} {line}");
                lines++;
                if (onLine is not null)
                    await onLine(lines).ConfigureAwait(false);
            }
        }

        var view = await client.WaitAsync(job, TimeSpan.FromSeconds(30), limit.Token).ConfigureAwait(false);
        Say($"  ended: {view.Reason}, exit code {view.ExitCode}, attempts {view.Report?.AttemptsUsed}");
        OperationsVerb.Show(await client.OperationsAsync(job, limit.Token).ConfigureAwait(false));
    }

    private async Task<IReadOnlyList<WorkerView>?> WorkersAsync(CancellationToken token)
    {
        try
        {
            return (await client.WorkersAsync(token).ConfigureAwait(false)).Workers;
        }
        catch (CliException)
        {
            return null;
        }
    }

    private async Task UntilAsync(string what, Func<Task<bool>> holds, TimeSpan atMost, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(atMost);
        while (!await holds().ConfigureAwait(false))
        {
            if (limit.IsCancellationRequested || processes.FirstOrDefault(process => process.HasExited) is { } dead && dead == processes[^1])
                throw new CliException($"demo: it did not come to pass that {what}:\n{Logs()}", ExitCodes.Failure);
            await Task.Delay(50, token).ConfigureAwait(false);
        }
    }

    private string Logs() => string.Join("\n", folder.GetFiles("*.log").Select(file => $"--- {file.Name}\n{File.ReadAllText(file.FullName)}"));

    /// <summary>A guard whose worker stays away ends itself in a while; here it is told to, and the story is over when all have ended.</summary>
    private async Task GuardsGoneAsync()
    {
        foreach (var pid in OwnProcesses.Below(folder.FullName))
            RoleProcess.Stop(pid);
        var limit = DateTime.UtcNow + TimeSpan.FromSeconds(15);
        while (DateTime.UtcNow < limit && OwnProcesses.Below(folder.FullName).Count > 0)
            await Task.Delay(50).ConfigureAwait(false);
        foreach (var pid in OwnProcesses.Below(folder.FullName))
            OwnProcesses.End(pid);
    }
}
