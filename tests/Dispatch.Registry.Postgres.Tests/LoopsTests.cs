using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Npgsql;
using Postgres.Fixture;
using Registry.Suite;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>The loops of a role beside a database that refuses, and beside rows that somebody edited by hand: none ends, and what can be done is done.</summary>
[Collection(OnServer.Name)]
public sealed class LoopsTests(OneServer one)
{
    private const string Cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

    [Fact]
    public async Task A_database_that_is_read_only_for_a_while_is_waited_out_and_told_once_by_each_loop()
    {
        var database = await one.NewDatabaseAsync();
        var name = new NpgsqlConnectionStringBuilder(database).Database!;
        await using var host = await LoopHost.StartAsync(database);
        await host.KeepAsync("w1");
        await host.HoldAsync("held", "w1");
        await host.SilenceAsync("w1");
        await PostgresServer.ExecuteAsync(one.Server.ConnectionString("postgres"), $"ALTER DATABASE {name} SET default_transaction_read_only = on");
        await PostgresServer.ExecuteAsync(database, Cut);
        // The lease is not renewed: it can end once the database takes it.
        await host.LoggedAsync("The expiry of leases waits: The registry cannot be used. Database");
        Assert.Equal(PlaceAnswerKind.Unavailable, (await host.PlaceAsync("new")).Kind);
        await PostgresServer.ExecuteAsync(one.Server.ConnectionString("postgres"), $"ALTER DATABASE {name} RESET default_transaction_read_only");
        await PostgresServer.ExecuteAsync(database, Cut);
        await host.LoggedAsync("The expiry of leases goes on after");
        await host.BecomesAsync("held", LeaseState.Expired);
        await host.KeepAsync("w2");
        await host.UntilAsync(async () => (await host.PlaceAsync("new")).Kind == PlaceAnswerKind.Offered, "the new job is placed");
        Assert.False(host.Ended);
        Assert.Single(host.Lines, line => line.StartsWith("The expiry of leases waits", StringComparison.Ordinal) && line.Contains("is read only (25006)", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_right_that_is_taken_away_is_waited_out_and_told_with_what_to_do()
    {
        var database = await one.NewDatabaseAsync();
        var user = $"plain_{new NpgsqlConnectionStringBuilder(database).Database}";
        await PostgresServer.ExecuteAsync(database, $"""
            CREATE ROLE {user} LOGIN; GRANT USAGE ON SCHEMA dispatch TO {user}; GRANT ALL ON ALL TABLES IN SCHEMA dispatch TO {user}; GRANT ALL ON ALL SEQUENCES IN SCHEMA dispatch TO {user};
            """);
        await using var host = await LoopHost.StartAsync(new NpgsqlConnectionStringBuilder(database) { Username = user }.ConnectionString);
        await host.KeepAsync("w1");
        await host.HoldAsync("held", "w1");
        await host.SilenceAsync("w1");
        await PostgresServer.ExecuteAsync(database, $"REVOKE ALL ON dispatch.lease FROM {user}");
        await host.LoggedAsync("The expiry of leases waits: The registry cannot be used.");
        await host.LoggedAsync("Listening to other processes at database");
        await host.LoggedAsync("permission denied for table lease (42501). Give the user its rights on schema dispatch back.");
        await PostgresServer.ExecuteAsync(database, $"GRANT ALL ON dispatch.lease TO {user}");
        await host.LoggedAsync("The expiry of leases goes on after");
        await host.BecomesAsync("held", LeaseState.Expired);
        Assert.False(host.Ended);
        Assert.Single(host.Lines, line => line.StartsWith("The expiry of leases waits", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Options_of_a_pool_that_cannot_be_read_keep_a_process_waiting_and_not_deaf_for_ever()
    {
        var database = await one.NewDatabaseAsync();
        await using var host = await LoopHost.StartAsync(database);
        await PostgresServer.ExecuteAsync(database, "CREATE TABLE kept AS SELECT * FROM dispatch.pool; UPDATE dispatch.pool SET options = '{\"router\": 7}'");
        await PostgresServer.ExecuteAsync(database, Cut);
        await host.LoggedAsync("Table pool has options of pool default that cannot be read");
        await PostgresServer.ExecuteAsync(database, "UPDATE dispatch.pool p SET options = k.options FROM kept k WHERE k.pool = p.pool");
        await host.LoggedAsync("Listening to other processes at database");
        await host.UntilAsync(() => Task.FromResult(host.Lines.Any(line => line.StartsWith("Listening", StringComparison.Ordinal) && line.Contains("goes on after", StringComparison.Ordinal))), "it listens again");
        await host.KeepAsync("w1");
        await host.HoldAsync("job", "w1");
    }

    [Theory]
    [InlineData("UPDATE dispatch.attempt SET state = 'Waiting', lease = NULL, worker = NULL, incarnation = NULL, fence = NULL, offered_at = NULL, held_at = NULL WHERE job = 'bad'")]
    [InlineData("UPDATE dispatch.attempt SET worker = 'ghost' WHERE job = 'bad'")]
    [InlineData("UPDATE dispatch.lease SET holder = NULL WHERE job = 'bad'")]
    [InlineData("DELETE FROM dispatch.lease WHERE job = 'bad'")]
    [InlineData("UPDATE dispatch.offer SET needs = '{\"cpu_milli\": \"x\"}' WHERE job = 'bad'")]
    [InlineData("UPDATE dispatch.offer SET profile = '{\"lease\": \"never\"}' WHERE job = 'bad'")]
    [InlineData("UPDATE dispatch.conversation SET facts = '{}' WHERE job = 'bad'")]
    [InlineData("DELETE FROM dispatch.lease WHERE job = 'bad'; DELETE FROM dispatch.job WHERE job = 'bad'")]
    public async Task Beside_a_job_that_cannot_be_read_the_other_leases_of_its_worker_end_and_others_are_placed(string edit)
    {
        var database = await one.NewDatabaseAsync();
        await using var host = await LoopHost.StartAsync(database);
        await host.KeepAsync("w1");
        string[] good = [.. Enumerable.Range(0, 12).Select(number => $"good{number}")];
        foreach (var job in good.Append("bad")) await host.HoldAsync(job, "w1");
        await host.SilenceAsync("w1");
        await PostgresServer.ExecuteAsync(database, edit);
        foreach (var job in good) await host.BecomesAsync(job, LeaseState.Expired);
        // Their workflows go on, at another host; the expirer still has the bad one before it.
        await using var other = await PostgresRegistry.OpenAsync(database, LoopHost.Pools, new RegistryOptions());
        foreach (var job in good) Assert.Equal(AskKind.Row, (await other.AskAsync(Desk.StatementOf(LoopHost.Ask(job, ask: 1000) with { Attempt = 2 }), Desk.None)).Kind);
        await host.PlaceAsync("new");
        await host.KeepAsync("w2");
        await host.BecomesAsync("new", LeaseState.Offered);
        Assert.False(host.Ended);
        Assert.InRange(host.Lines.Count(line => line.Contains("rows of job bad", StringComparison.Ordinal)), 0, 1);
        Assert.DoesNotContain(host.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_id_that_Temporal_does_not_take_is_told_with_its_job_and_the_sweep_goes_on()
    {
        var database = await one.NewDatabaseAsync();
        await using (var asks = await LoopHost.StartAsync(database))
        {
            foreach (var job in (string[])["a", "bad", "z"]) Assert.Equal(PlaceAnswerKind.Waiting, (await asks.PlaceAsync(job)).Kind);
        }

        const string bad = $"SET run_id = '{ClosedRuns.NoId}' WHERE job = 'bad'";
        await PostgresServer.ExecuteAsync(database, $"UPDATE dispatch.job {bad}; UPDATE dispatch.attempt {bad}");
        await using var host = await LoopHost.StartAsync(database, new ClosedRuns());
        await host.BecomesAsync("a", LeaseState.Returned);
        await host.BecomesAsync("z", LeaseState.Returned);
        await host.LoggedAsync("Job bad stays Waiting in the registry: The registry's rows of job bad contradict themselves and are left alone: its run_id in tables job and attempt is 'xx'");
        Assert.Equal(LeaseState.Waiting, await host.StateAsync("bad"));
        Assert.DoesNotContain(host.Lines, line => line.StartsWith("The sweep waits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Beside_a_worker_that_cannot_be_read_jobs_go_to_the_others_and_the_leases_of_others_end()
    {
        var database = await one.NewDatabaseAsync();
        await using var host = await LoopHost.StartAsync(database);
        await host.KeepAsync("lost");
        await host.HoldAsync("held", "lost");
        await host.SilenceAsync("lost");
        await host.KeepAsync("bad");
        await host.UntilAsync(async () => (await host.Registry.CandidatesAsync("default", CancellationToken.None)).Candidates.Any(one => one.Worker.Value == "bad" && one.Free.Slots == 20), "worker bad may be offered");
        // Nobody is told of what is edited by hand: placing meets it at the offer.
        await PostgresServer.ExecuteAsync(database, "UPDATE dispatch.worker_start SET capacity = '{\"cpu\": -1, \"slots\": \"many\"}' WHERE worker = 'bad'");
        for (var number = 0; number < 10; number++) Assert.NotEqual("bad", (await host.PlaceAsync($"j{number}")).Worker?.Value);
        await host.BecomesAsync("held", LeaseState.Expired);
        await host.KeepAsync("good");
        for (var number = 0; number < 10; number++) await host.UntilAsync(async () => await host.StateAsync($"j{number}") != LeaseState.Waiting, $"job j{number} is offered");
        Assert.False(host.Ended);
        Assert.Single(host.Lines, line => line.Contains("rows of worker bad contradict themselves", StringComparison.Ordinal) && !line.Contains(": The registry's", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Jobs_that_another_process_has_moved_on_are_no_hindrance_to_what_is_said_of_their_worker()
    {
        const int jobs = 20;
        var database = await one.NewDatabaseAsync();
        await using var maker = new OnPostgres(one);
        var first = await Desk.OpenAsync(new On(maker, database, "a"));
        var second = await Desk.OpenAsync(new On(maker, database, "b"));
        await first.Registry.RegisterAsync(LoopHost.Registration("w1", slots: jobs), Desk.None);
        for (var number = 0; number < jobs; number++)
            Assert.True((await first.ConfirmAsync("w1", await first.OfferedAsync($"j{number}", "w1"), call: number + 1)).Accepted);
        var counter = (await first.Registry.FindWorkerAsync(new("w1"), Desk.None))!.Row.Counter;
        Assert.Equal(jobs, await first.Registry.ExpireAsync(new(new("w1"), 1, counter), Desk.None));
        for (var number = 0; number < jobs; number++) Assert.Equal(LeaseState.Waiting, (await second.AskAsync(second.Ask($"j{number}", attempt: 2, ask: 9))).Row!.State);
        Assert.Equal(0, await first.Registry.ExpireAsync(new(new("w1"), 1, counter), Desk.None));
        Assert.True((await first.RenewAsync("w1", 1, jobs + 1, LeaseActivity.Running)).Accepted);
    }

    private sealed class On(OnPostgres maker, string database, string prefix) : IRegistryMaker
    {
        public async Task<IRegistry> OpenAsync(PoolSet pools, RegistryOptions options, TimeProvider time, Func<Contracts.Ids.LeaseId> newLease) =>
            await maker.OpenAsync(database, pools, options, time, () => new Contracts.Ids.LeaseId($"{prefix}-{newLease()}"));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
