using System.Diagnostics;
using System.Text.RegularExpressions;
using Dispatch.Benchmarks.Measuring;
using Dispatch.Workflows.Hosting;
using Postgres.Fixture;
using Temporalio.Client;

namespace Dispatch.Benchmarks.Stack;

/// <summary>A Dispatch of the benchmark's own: the executable as users have it, on free ports, in a folder of its own.</summary>
internal sealed partial class MeasuredStack : IAsyncDisposable
{
    /// <summary>What a worker declares: enough that capacity never is what is measured.</summary>
    private static readonly string[] Plenty = ["--slots", "256", "--cpu", "1024", "--memory", "1024Gi"];

    private const string WorkerRole = "worker ";

    /// <summary>A guard stays 30 s behind a worker that was killed; behind one that ended in order, not at all.</summary>
    private static readonly TimeSpan GuardsEndWithin = TimeSpan.FromSeconds(40);

    private readonly List<(string Name, RoleProcess Process)> _roles = [];

    private MeasuredStack(string program, string folder)
    {
        Program = program;
        Folder = folder;
    }

    public string Program { get; }

    public string Folder { get; }

    public string Temporal { get; private set; } = "";

    public Uri Http { get; private set; } = new("http://127.0.0.1");

    /// <summary>The database's server, where the registry is on one.</summary>
    private PostgresServer? Postgres { get; init; }

    /// <summary>All roles in one process; the guard is, as always, one of its own.</summary>
    public static Task<MeasuredStack> OneProcessAsync(BenchmarkOptions options, string profile = "normal", params string[] more) => StartOneAsync(options, null, profile, more);

    /// <summary>The same with its registry on PostgreSQL.</summary>
    public static Task<MeasuredStack> OneProcessOnPostgresAsync(BenchmarkOptions options, PostgresServer postgres, string database) => StartOneAsync(options, postgres, "normal", ["--database", database]);

    private static async Task<MeasuredStack> StartOneAsync(BenchmarkOptions options, PostgresServer? postgres, string profile, string[] more)
    {
        var stack = new MeasuredStack(options.Executable, Directory.CreateTempSubdirectory("dispatch-bench-").FullName) { Postgres = postgres };
        await stack.StartAsync("all roles", ["dev", "--port", "0", "--http-port", "0", "--data", Path.Combine(stack.Folder, "dev"), "--profile", profile, .. Plenty, .. more], "  worker ");
        return stack;
    }

    /// <summary>Engine, workflow host, registry and server in one process, a worker in another.</summary>
    public static async Task<MeasuredStack> WorkerApartAsync(BenchmarkOptions options, string profile = "normal")
    {
        var stack = new MeasuredStack(options.Executable, Directory.CreateTempSubdirectory("dispatch-bench-").FullName);
        await stack.StartAsync("engine, workflows, placement, server", ["dev", "--no-worker", "--port", "0", "--http-port", "0", "--data", Path.Combine(stack.Folder, "dev"), "--profile", profile], "  worker ");
        await stack.StartWorkerAsync("w1");
        return stack;
    }

    /// <summary>Each role in a process of its own, registry on PostgreSQL.</summary>
    public static async Task<MeasuredStack> RolesApartAsync(BenchmarkOptions options, PostgresServer postgres, string database)
    {
        var stack = new MeasuredStack(options.Executable, Directory.CreateTempSubdirectory("dispatch-bench-").FullName) { Postgres = postgres };
        await using (var migrate = await RoleProcess.StartAsync(stack.Program, ["migrate", "--database", database], "\n"))
            await migrate.EndAsync();
        var engine = await RoleProcess.StartAsync(stack.Program, ["engine", "--port", "0"], "namespace default");
        stack._roles.Add(("engine", engine));
        stack.Temporal = EngineLine().Match(engine.Said).Groups[1].Value;
        stack._roles.Add(("workflow host", await RoleProcess.StartAsync(stack.Program, ["workflows", "--database", database, "--address", stack.Temporal, "--allow-process"], "workflow host ready")));
        var server = await RoleProcess.StartAsync(
            stack.Program, ["server", "--database", database, "--address", stack.Temporal, "--http-port", "0", "--data", Path.Combine(stack.Folder, "server"), "--allow-process"], "server ready: ");
        stack._roles.Add(("server", server));
        stack.Http = new Uri(ServerLine().Match(server.Said).Groups[1].Value);
        await stack.StartWorkerAsync("w1");
        return stack;
    }

    /// <summary>Starts a worker as a process of its own and waits until it takes jobs.</summary>
    public async Task<RoleProcess> StartWorkerAsync(string id, params string[] more)
    {
        var process = await RoleProcess.StartAsync(
            Program,
            ["worker", "--id", id, "--server", Http.ToString(), "--address", Temporal, "--data", Path.Combine(Folder, id), .. Plenty, .. more],
            "worker ready: ");
        _roles.Add((WorkerRole + id, process));
        return process;
    }

    /// <summary>Kills a worker as a crash would; what it ran stays with its guard.</summary>
    public async Task CrashWorkerAsync(string id)
    {
        var (name, process) = _roles.Single(role => role.Name == WorkerRole + id);
        await process.CrashAsync();
        await process.DisposeAsync();
        _roles.Remove((name, process));
    }

    public Task<TemporalClient> ConnectAsync() => TemporalClient.ConnectAsync(new(Temporal) { DataConverter = DispatchData.Converter, Identity = "benchmarks" });

    /// <summary>Processor time so far, by role; the jobs' own processes are the guards' children.</summary>
    public IReadOnlyDictionary<string, ProcessorTime> ProcessorTimes()
    {
        var times = _roles.ToDictionary(role => role.Name, role => new ProcessorTime(ProcessorTime.Of(role.Process.Id).Own, 0));
        foreach (var guard in Guards())
        {
            var time = ProcessorTime.Of(guard);
            times["guard"] = new(times.GetValueOrDefault("guard").Own + time.Own, 0);
            times["the jobs themselves"] = new(times.GetValueOrDefault("the jobs themselves").Own + time.Children, 0);
        }

        if (Postgres is not null)
            times["PostgreSQL"] = new(Postgres.ProcessorTime().TotalMilliseconds, 0);
        return times;
    }

    /// <summary>The guards of this stack's workers.</summary>
    public IReadOnlyList<int> Guards()
    {
        var found = new List<int>();
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry), out var pid) && CommandLine(pid) is var line && line.Contains("\0guard\0", StringComparison.Ordinal) && line.Contains(Folder, StringComparison.Ordinal))
                found.Add(pid);
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var (_, process) in Enumerable.Reverse(_roles))
                await process.StopAsync();

            // A guard whose worker was killed has nothing left to guard and ends by itself.
            var began = Stopwatch.GetTimestamp();
            while (Guards() is { Count: > 0 } left)
            {
                if (Stopwatch.GetElapsedTime(began) > GuardsEndWithin)
                    throw new BenchmarkException($"{left.Count} guards are still there {GuardsEndWithin.TotalSeconds:0} s after their workers were ended, though nothing is left to guard: process {string.Join(", ", left)}.");
                await Task.Delay(50);
            }
        }
        finally
        {
            foreach (var (_, process) in _roles)
                await process.DisposeAsync();
            foreach (var guard in Guards())
                RoleProcess.Signal(guard, RoleProcess.Sigterm);
            Directory.Delete(Folder, recursive: true);
        }
    }

    private async Task StartAsync(string name, IReadOnlyList<string> arguments, string readyText)
    {
        var process = await RoleProcess.StartAsync(Program, arguments, readyText);
        _roles.Add((name, process));
        Temporal = TemporalLine().Match(process.Said).Groups[1].Value;
        Http = new Uri(HttpLine().Match(process.Said).Groups[1].Value);
    }

    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return "";
        }
    }

    [GeneratedRegex(@"^  Temporal +(\S+),", RegexOptions.Multiline)]
    private static partial Regex TemporalLine();

    [GeneratedRegex(@"protocol on (\S+),")]
    private static partial Regex EngineLine();

    [GeneratedRegex(@"server ready: ([^;\s]+)")]
    private static partial Regex ServerLine();

    [GeneratedRegex(@"^  HTTP API +(\S+)", RegexOptions.Multiline)]
    private static partial Regex HttpLine();
}
