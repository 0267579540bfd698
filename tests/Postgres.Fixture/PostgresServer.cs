using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Postgres.Fixture;

/// <summary>
/// A real PostgreSQL of the tests' own: own data, a free port on loopback, nobody asked for a password. As root it runs as user <c>postgres</c>, for PostgreSQL
/// refuses root. Where the machine has none, the tests fail and say what to install; they never skip.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string HowTo = "These tests need PostgreSQL. Run 'tests/install-postgres' as root (Debian: apt-get install postgresql).";
    private const string User = "dispatch";
    private const int PortTries = 5;
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(30);

    private readonly string folder;
    private readonly string binaries;
    private readonly bool durable;
    private readonly IReadOnlyList<string> settings;
    private readonly StringBuilder output = new();
    private Process? process;
    private int databases;

    private PostgresServer(string folder, string binaries, bool durable, IReadOnlyList<string> settings)
    {
        this.settings = settings;
        this.folder = folder;
        this.binaries = binaries;
        this.durable = durable;
    }

    /// <summary>Its port on 127.0.0.1; the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>Its process; those of its connections are its children.</summary>
    public int ProcessId => process?.Id ?? throw new InvalidOperationException("The server does not run.");

    /// <summary>Processor time of the server and its connections until now, of those that were closed too.</summary>
    /// <returns>The time, in steps of 10 ms a process.</returns>
    public TimeSpan ProcessorTime()
    {
        const double millisecondsPerTick = 10;
        var ticks = 0.0;
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(entry), out var pid)) continue;
            string stat;
            try
            {
                stat = File.ReadAllText($"{entry}/stat");
            }
            catch (IOException)
            {
                // It has ended meanwhile.
                continue;
            }

            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            double Field(int number) => double.Parse(fields[number], CultureInfo.InvariantCulture);
            if (pid == ProcessId) ticks += Field(11) + Field(12) + Field(13) + Field(14);
            else if ((int)Field(1) == ProcessId) ticks += Field(11) + Field(12);
        }

        return TimeSpan.FromMilliseconds(ticks * millisecondsPerTick);
    }

    /// <summary>Makes a server and starts it.</summary>
    /// <param name="durable">Whether commits are flushed to disk, as in production; for measurements. False is faster.</param>
    /// <param name="settings">Further settings, each <c>name=value</c>.</param>
    /// <returns>The server, answering.</returns>
    public static async Task<PostgresServer> StartAsync(bool durable = false, params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("pg").FullName;
        var server = new PostgresServer(folder, FindBinaries(), durable, settings);
        try
        {
            if (Environment.UserName == "root") await RunAsync("chown", "postgres", folder);
            await server.RunBinaryAsync("initdb", "-D", server.Data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
            for (var tries = 1; ; tries++)
            {
                server.Port = FreePort();
                try
                {
                    await server.RestartAsync();
                    return server;
                }
                catch (InvalidOperationException) when (tries < PortTries && server.output.ToString().Contains("could not bind", StringComparison.Ordinal))
                {
                    // Somebody took the port between the look and the start.
                }
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection string for a database of the server.</summary>
    /// <param name="database">The database's name.</param>
    /// <returns>As Npgsql writes it.</returns>
    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={Port};Username={User};Database={database}";

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"d{Interlocked.Increment(ref databases)}";
        await ExecuteAsync(ConnectionString("postgres"), $"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>Runs SQL as somebody with psql would, on a connection of its own.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="sql">The statements.</param>
    /// <returns>A task that ends when they are done.</returns>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends the server as a crash would: every connection breaks, nothing is written in order.</summary>
    /// <returns>A task that ends when it is gone.</returns>
    public async Task CrashAsync()
    {
        if (process is null) return;
        // SIGQUIT is PostgreSQL's immediate shutdown: SIGKILL would leave its children behind.
        await RunAsync("kill", "-QUIT", await PostmasterAsync());
        await EndedAsync();
    }

    /// <summary>Starts the server (again), on the same port, and waits until it answers.</summary>
    /// <returns>A task that ends when it answers.</returns>
    public async Task RestartAsync()
    {
        output.Clear();
        var arguments = new List<string>
        {
            "-D", Data, "-p", $"{Port}", "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "shared_buffers=64MB",
        };
        if (!durable) arguments.AddRange(["-c", "fsync=off", "-c", "full_page_writes=off"]);
        foreach (var setting in settings) arguments.AddRange(["-c", setting]);
        process = Start("postgres", arguments);
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            if (process.HasExited)
            {
                var text = output.ToString();
                process.Dispose();
                process = null;
                throw new InvalidOperationException($"postgres ended by itself: {text}");
            }

            try
            {
                await ExecuteAsync(ConnectionString("postgres"), "SELECT 1");
                return;
            }
            catch (NpgsqlException) when (deadline.Elapsed < ReadyWithin)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    /// <summary>Stops the server and removes its folder.</summary>
    /// <returns>A task that ends when both are gone.</returns>
    public async ValueTask DisposeAsync()
    {
        await CrashAsync();
        Directory.Delete(folder, recursive: true);
    }

    private string Data => Path.Combine(folder, "data");

    private static string FindBinaries()
    {
        const string root = "/usr/lib/postgresql";
        string[] versions = Directory.Exists(root) ? Directory.GetDirectories(root) : [];
        foreach (var version in versions.OrderByDescending(path => int.TryParse(Path.GetFileName(path), out var number) ? number : 0))
        {
            if (File.Exists(Path.Combine(version, "bin", "postgres"))) return Path.Combine(version, "bin");
        }

        throw new InvalidOperationException(HowTo);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<string> PostmasterAsync() => (await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0];

    private async Task EndedAsync()
    {
        if (process is not { } ending) return;
        using var limit = new CancellationTokenSource(EndWithin);
        await ending.WaitForExitAsync(limit.Token);
        ending.Dispose();
        process = null;
    }

    private Process Start(string binary, IEnumerable<string> arguments)
    {
        var path = Path.Combine(binaries, binary);
        var start = new ProcessStartInfo { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        if (Environment.UserName == "root")
        {
            start.FileName = "setpriv";
            foreach (var word in new[] { "--reuid=postgres", "--regid=postgres", "--clear-groups", path }) start.ArgumentList.Add(word);
        }
        else
        {
            start.FileName = path;
        }

        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var started = Process.Start(start) ?? throw new InvalidOperationException(HowTo);
        started.OutputDataReceived += (_, line) => Note(line.Data);
        started.ErrorDataReceived += (_, line) => Note(line.Data);
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return started;
    }

    private void Note(string? line)
    {
        const int outputMax = 100_000;
        if (line is null) return;
        lock (output)
        {
            if (output.Length < outputMax) output.AppendLine(line);
        }
    }

    private async Task RunBinaryAsync(string binary, params string[] arguments)
    {
        using var running = Start(binary, arguments);
        await running.WaitForExitAsync();
        if (running.ExitCode != 0) throw new InvalidOperationException($"{binary} ended with {running.ExitCode}: {output}");
    }

    private static async Task RunAsync(string command, params string[] arguments)
    {
        using var running = Process.Start(command, arguments);
        await running.WaitForExitAsync();
        if (running.ExitCode != 0) throw new InvalidOperationException($"{command} {string.Join(' ', arguments)} ended with {running.ExitCode}");
    }
}
