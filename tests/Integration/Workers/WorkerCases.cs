using System.Globalization;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Workers;

/// <summary>What of the worker a job sees, and what it leaves there.</summary>
[Collection(WorkersCollection.Name)]
public sealed class WorkerCases(WorkersFixture fixture) : WorkerTests(fixture.Stack)
{
    /// <summary>All that a plain process finds in its environment beside what its spec says.</summary>
    private static readonly string[] Documented = ["PATH", "HOME", "TMPDIR", "DISPATCH_JOB", "DISPATCH_ATTEMPT", "DISPATCH_FENCE", "DISPATCH_OUTCOME", "DISPATCH_CONTAINER"];

    [Fact]
    [Trait("case", "G18")]
    [Trait("case", "G19")]
    public async Task The_workers_own_environment_and_standard_input_are_not_the_jobs()
    {
        // The worker's own standard input stays open, and nothing comes.
        var worker = Begin("g18", ["--slots", "4"], new Dictionary<string, string> { ["DISPATCH_CANARY"] = "canary-71f0", ["PGPASSWORD"] = "canary-9b2e", ["DISPATCH_WORKER_TOKEN"] = "canary-55aa" }, stdin: null);
        await Stack.UntilReadyAsync("g18", worker);

        var job = (await Jobs.RunAsync("""{"process":["env"],"env":{"A":"1"}}""")).Id;
        var cat = await Jobs.RunAsync("""{"process":["cat"],"timeouts":{"run":"30s"}}""");

        var lines = (await Jobs.OutAsync(job)).TrimEnd().Split('\n');
        Assert.Contains("A=1", lines);
        Assert.DoesNotContain(lines, line => line.Contains("canary", StringComparison.Ordinal));
        Assert.Equal(Documented.Append("A").Order(StringComparer.Ordinal), lines.Select(line => line.Split('=')[0]).Order(StringComparer.Ordinal));
        Assert.Equal((TerminationReason.WorkloadExited, 0), (cat.Reason!.Value, cat.ExitCode!.Value));
        Assert.Empty(await Jobs.StdoutAsync(cat.Id));
    }

    /// <summary>Root loses its capabilities here, since with them it reads everything: what is left is what one ordinary user's processes may do to each other.</summary>
    [Fact]
    public async Task A_plain_process_cannot_read_its_workers_secrets_from_any_other_process()
    {
        var canary = $"canary-{Guid.NewGuid():N}";
        string[] line = [RunningProcess.Dispatch, "worker", "--id", "secrets", "--server", Stack.Http.ToString(), "--address", Stack.Temporal, "--data", Path.Combine(Stack.NewFolder(), "worker"), "--runtimes", "process"];
        string[] without = Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : ["env"];
        var worker = Keep(RunningProcess.StartProgram(without[0], [.. without[1..], .. line], new Dictionary<string, string> { ["DISPATCH_WORKER_TOKEN"] = canary, ["PGPASSWORD"] = canary }));
        await Stack.UntilReadyAsync("secrets", worker);

        var job = await Jobs.RunAsync($$"""{"process":["sh","-c","tr '\\0' '\\n' </proc/$PPID/environ | grep -c ^PATH=; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep [c]{{canary[1..]}}; echo end"]}""");

        Assert.Equal("1\nend\n", await Jobs.OutAsync(job.Id));
    }

    [Fact]
    [Trait("case", "G20")]
    public async Task Nothing_of_a_closed_job_stays_in_the_workers_folders()
    {
        const string Mess = """mkdir -p d/e; echo x > d/e/f; chmod 000 d/e; chmod 500 d; head -c 100000 /dev/zero > \"$TMPDIR/t\" 2>/dev/null; echo $TMPDIR; """;
        var worker = await StartAsync("g20", "--slots", "40", "--cpu", "40", "--memory", "40Gi");
        var attempts = Path.Combine(Stack.WorkerFolder("g20"), "attempts");

        var done = Jobs.RunManyAsync(Enumerable.Repeat($$"""{"process":["sh","-c","{{Mess}}exit 3"]}""", 80), 16);
        var stopped = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Jobs.SubmitAsync($$"""{"process":["sh","-c","{{Mess}}exec sleep 30"]}""")));
        foreach (var job in stopped)
            await Jobs.UntilOutAsync(job, "/");
        await Task.WhenAll(stopped.Select(job => Jobs.StopAsync(job)));
        Assert.All(await Task.WhenAll(stopped.Select(job => Jobs.EndAsync(job))), view => Assert.Equal(TerminationReason.Cancelled, view.Reason));
        foreach (var view in await done)
        {
            Assert.Equal(3, view.ExitCode);
            Assert.StartsWith(attempts, view.StdoutTail!.Text, StringComparison.Ordinal);
        }

        // Five with the worker killed in their middle.
        var killed = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Jobs.SubmitAsync($$"""{"process":["sh","-c","{{Mess}}sleep 3; exit 3"]}""")));
        foreach (var job in killed)
            await Jobs.UntilOutAsync(job, "/");
        await worker.CrashAsync();
        await StartAsync("g20", "--slots", "40", "--cpu", "40", "--memory", "40Gi");
        foreach (var job in killed)
            Assert.Equal((3, 1), ((await Jobs.EndAsync(job)).ExitCode!.Value, (await Jobs.GetAsync(job)).Report!.AttemptsUsed));

        await Until.NothingAsync("files of jobs", () => Task.FromResult<IReadOnlyList<string>>([.. Directory.EnumerateFileSystemEntries(attempts)]), Deadlines.Gone);
    }

    [Fact]
    [Trait("case", "G20")]
    public async Task A_worker_that_is_not_root_removes_what_its_jobs_locked()
    {
        var folder = Stack.WorkerFolder("g20-user");
        var open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(Stack.Folder, open);
        Directory.CreateDirectory(folder, open | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.SetUnixFileMode(folder, open | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        var worker = Keep(RunningProcess.StartProgram(
            "setpriv",
            ["--reuid=65534", "--regid=65534", "--clear-groups", RunningProcess.Dispatch, "worker", "--id", "g20-user", "--server", Stack.Http.ToString(), "--address", Stack.Temporal, "--data", folder, "--runtimes", "process", "--on-stop", "stop", "--slots", "8", "--cpu", "8"],
            new Dictionary<string, string> { ["HOME"] = folder }));
        await Stack.UntilReadyAsync("g20-user", worker);

        var ended = await Jobs.RunManyAsync(Enumerable.Repeat("""{"process":["sh","-c","id -u; mkdir -p d/e; echo x > d/e/f; chmod 000 d/e; chmod 500 d; head -c 100000 /dev/zero > $TMPDIR/t; exit 3"]}""", 20), 8);

        Assert.All(ended, view => Assert.Equal((3, 65534.ToString(CultureInfo.InvariantCulture) + "\n"), (view.ExitCode!.Value, view.StdoutTail!.Text)));
        await Until.NothingAsync("files of jobs", () => Task.FromResult<IReadOnlyList<string>>([.. Directory.EnumerateFileSystemEntries(Path.Combine(folder, "attempts"))]), Deadlines.Gone);
    }
}
