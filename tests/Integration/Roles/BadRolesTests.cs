using System.Net.Sockets;
using Dispatch.Integration.Tests.Stack;
using Postgres.Fixture;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;

namespace Dispatch.Integration.Tests.Roles;

/// <summary>What keeps a role from starting, or takes its place: each one clear error.</summary>
[Collection(RolesCollection.Name)]
public sealed class BadRolesTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_database_that_is_wrong_keeps_every_role_that_needs_one_from_starting()
    {
        var port = FreePort();
        var empty = await postgres.Server.CreateDatabaseAsync();
        var old = await MigratedAsync("DELETE FROM dispatch.migration WHERE scriptname LIKE '0004%'; ALTER TABLE dispatch.registry DROP COLUMN id");
        var edited = await MigratedAsync("DROP TABLE dispatch.offer");
        var unrecorded = await MigratedAsync("DELETE FROM dispatch.migration");
        var young = await MigratedAsync("INSERT INTO dispatch.migration (scriptname, applied) VALUES ('9999-from-the-future.sql', now())");
        (string Database, string[] Says)[] cases =
        [
            ($"postgres://me:s3cret@127.0.0.1:{port}/d", [$"127.0.0.1:{port}", "does not answer"]),
            (postgres.Server.ConnectionString("nosuch"), ["nosuch", "Create it"]),
            ("postgres://me:s3cret@:x/d", ["postgres://USER:PASSWORD@HOST:PORT/NAME"]),
            ("Hostt=here;Password=s3cret", ["--database"]),
            (empty, ["no tables of Dispatch", "dispatch migrate"]),
            (old, ["older than this program", "dispatch migrate"]),
            (edited, ["lacks what its migrations made: table offer.", "restore a backup"]),
            (unrecorded, ["0001-registry.sql", "INSERT INTO dispatch.migration"]),
            (young, ["newer than this program", "9999-from-the-future.sql"]),
        ];
        foreach (var (database, says) in cases)
        {
            foreach (var role in (string[])["workflows", "server"])
                Refused(await RunAsync(role, "--database", database), says);
            if (database != empty)
                Refused(await RunAsync("dev", "--no-worker", "--port", "0", "--http-port", "0", "--database", database), says);
        }

        Refused(await RunAsync("migrate", "--database", cases[0].Database), cases[0].Says);
        Refused(await RunAsync("migrate", "--database", young), cases[^1].Says);
        Refused(await RunAsync("migrate", "--database", unrecorded), cases[^2].Says);
        Refused(await RunAsync("workflows"), ["--database is missing", "DISPATCH_DATABASE"]);
    }

    [Fact]
    public async Task A_role_with_other_options_of_the_pool_than_the_first_does_not_start_and_one_verb_changes_them_for_all()
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        var host = await stack.StartWorkflowsAsync();
        Refused(
            await stack.CliAsync("server", "--http-port", "0", "--data", Path.Combine(stack.Folder, "s"), "--profile", "fast"),
            ["pool default: profile is \"normal\" as recorded and \"fast\" in this process", "allow-process is \"yes\" as recorded and \"no\"", "dispatch configure"]);
        Refused(await stack.CliAsync("dev", "--no-worker", "--port", "0", "--http-port", "0"), ["is open in other processes", "a database of its own"]);
        Refused(await stack.CliAsync("configure", "--profile", "fast", "--allow-process"), ["is open in 1 process", "nothing was changed"]);

        host.Signal(RunningProcess.Sigterm);
        await host.EndAsync(Deadlines.Role);
        Assert.Contains("profile is \"fast\", was \"normal\"", (await stack.CliAsync("configure", "--profile", "fast", "--allow-process")).Ok(), StringComparison.Ordinal);
        Refused(await stack.CliAsync("workflows", "--allow-process"), ["profile is \"fast\" as recorded"]);
        await stack.StartWorkflowsAsync("--profile", "fast");
    }

    [Fact]
    public async Task A_Temporal_that_does_not_answer_or_has_no_such_namespace_keeps_a_role_from_starting()
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        var nowhere = $"127.0.0.1:{FreePort()}";
        Refused(await stack.CliAsync("workflows", "--address", nowhere), [nowhere, "does not answer", "--address"]);
        Refused(await stack.CliAsync("server", "--http-port", "0", "--data", Path.Combine(stack.Folder, "s"), "--namespace", "nosuch"), ["nosuch", "namespace create"]);
    }

    [Fact]
    public async Task A_role_whose_Temporal_is_not_that_of_the_database_does_not_start_and_one_verb_forgets_the_old_one()
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        await PostgresServer.ExecuteAsync(stack.Database, "UPDATE dispatch.registry SET temporal_id = 'of-another-server', temporal_name = 'default'");
        string[] says = ["the jobs of Temporal namespace 'default' (id of-another-server)", "a database of its own", "dispatch configure --forget-temporal"];
        Refused(await stack.CliAsync("workflows", "--allow-process"), says);
        Refused(await stack.CliAsync("server", "--http-port", "0", "--data", Path.Combine(stack.Folder, "s"), "--allow-process"), says);
        Refused(await stack.CliAsync("dev", "--no-worker", "--port", "0", "--http-port", "0"), says);
        Refused(await stack.CliAsync("configure", "--forget-temporal", "--profile", "fast"), ["a call of their own"]);

        Assert.Contains("has forgotten Temporal namespace 'default' (id of-another-server)", (await stack.CliAsync("configure", "--forget-temporal")).Ok(), StringComparison.Ordinal);
        await stack.StartWorkflowsAsync();
        await stack.StartServerAsync("one");
        Refused(await stack.CliAsync("configure", "--forget-temporal"), ["is open in 2 processes", "nothing was changed"]);
    }

    [Fact]
    public async Task A_second_registry_on_one_Temporal_takes_no_share_of_its_jobs()
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        await stack.StartWorkflowsAsync();
        await stack.StartServerAsync("one");
        var other = await MigratedAsync("SELECT 1");
        string[] says = ["The jobs of Temporal namespace 'default' go by registry ", "Start it with the database of the others", "--data dispatch-registry="];
        Refused(await stack.CliAsync("workflows", "--allow-process", "--database", other), says);
        Refused(await stack.CliAsync("server", "--http-port", "0", "--data", Path.Combine(stack.Folder, "s"), "--allow-process", "--database", other), says);

        // Nothing of the refused ones was recorded: the database is still free for a Temporal of its own, and the first one's roles start as before.
        await stack.StartWorkflowsAsync();
        Assert.Contains("records no Temporal namespace", (await stack.CliAsync("configure", "--forget-temporal", "--database", other)).Ok(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_attributes_that_are_missing_or_typed_otherwise_are_named_with_the_commands_that_mend_them()
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        var connection = (await stack.ConnectAsync()).Connection;
        await connection.OperatorService.RemoveSearchAttributesAsync(new RemoveSearchAttributesRequest { Namespace = "default", SearchAttributes = { "DispatchPool", "DispatchName" } });
        await connection.OperatorService.AddSearchAttributesAsync(new AddSearchAttributesRequest { Namespace = "default", SearchAttributes = { ["DispatchName"] = IndexedValueType.Keyword } });

        Refused(await stack.CliAsync("workflows"), [
            "DispatchPool is missing; it must be Keyword", "DispatchName is Keyword; it must be Text", "--name DispatchPool --type Keyword", "search-attribute remove", "--search-attributes off"]);

        // Without them a job runs all the same.
        await stack.StartWorkflowsAsync("--search-attributes", "off");
        await stack.StartServerAsync("one");
        await stack.StartWorkerAsync("ada");
        Assert.Equal("hello\n", (await stack.CliAsync("run", "--name", "n", "--process", "--", "echo", "hello")).Ok());
    }

    [Fact]
    public async Task A_worker_with_a_wrong_token_or_none_does_not_start_and_the_token_is_not_shown()
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        await stack.StartServerAsync("one");
        var file = Path.Combine(stack.Folder, "token");
        await File.WriteAllTextAsync(file, "another-token\n");
        var wrong = await stack.CliAsync("worker", "--id", "w", "--data", Path.Combine(stack.Folder, "w"), "--runtimes", "process", "--worker-token-file", file);
        Refused(wrong, ["does not take the worker token", stack.Servers]);
        Assert.DoesNotContain("another-token", wrong.Error, StringComparison.Ordinal);
        var without = new Dictionary<string, string>(stack.Environment) { ["DISPATCH_WORKER_TOKEN"] = "" };
        Refused(await RunningProcess.Start(["worker", "--id", "w", "--data", Path.Combine(stack.Folder, "w"), "--runtimes", "process"], without).EndAsync(), ["asks for a worker token"]);
        Refused(await RunAsync("server", "--listen", "0.0.0.0", "--http-port", "0", "--database", stack.Database, "--address", stack.Temporal), ["--listen is '0.0.0.0'", "--worker-token-file"]);
    }

    [Fact]
    public async Task Of_two_workers_with_one_id_the_newest_stays_and_the_other_is_told_and_ends()
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        await stack.StartWorkflowsAsync();
        await stack.StartServerAsync("one");
        var first = await stack.StartWorkerAsync("twin");
        var second = stack.Start("worker", "--id", "twin", "--data", Path.Combine(stack.Folder, "elsewhere"), "--runtimes", "process", "--on-stop", "stop");
        await second.UntilOutAsync("worker ready: twin, incarnation 2");

        var ended = await first.EndAsync(Deadlines.Role);
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("Worker twin was started again as incarnation 2 on this machine with another data directory", ended.Error, StringComparison.Ordinal);
        Assert.Equal("hello\n", (await stack.CliAsync("run", "--process", "--", "echo", "hello")).Ok());
        Assert.False(second.HasExited);
    }

    /// <summary>The role could not start: exit code 2, in words, with no password in them and no line of a log before them.</summary>
    private static void Refused(Finished ended, string[] says)
    {
        ended.Refused(2, says);
        Assert.DoesNotContain("s3cret", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("warn: ", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fail: ", ended.Error, StringComparison.Ordinal);
    }

    private static Task<Finished> RunAsync(params string[] line) => RunningProcess.Start(line).EndAsync();

    private async Task<string> MigratedAsync(string sql)
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        (await RunAsync("migrate", "--database", database)).Ok();
        await PostgresServer.ExecuteAsync(database, sql);
        return database;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        return ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
