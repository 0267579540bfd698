using System.Diagnostics;
using Dispatch.Contracts.Errors;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres.Migrations;
using Dispatch.Registry.Reading;
using Dispatch.Registry.Workers;
using Postgres.Fixture;
using Registry.Suite;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>A server of its own, which is taken away.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2.5);

    // What the machine may add to a bound while other tests keep it busy.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    private PostgresServer server = null!;
    private string database = "";

    public async Task InitializeAsync()
    {
        server = await PostgresServer.StartAsync();
        database = await server.CreateDatabaseAsync();
        Assert.True((await DatabaseMigrations.ApplyAsync(database, CancellationToken.None)).Usable);
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Every_call_answers_unavailable_within_its_bound_while_the_server_is_away_and_works_again_after_that()
    {
        var desk = await DeskOnAsync();
        await using var registry = (PostgresRegistry)desk.Registry;
        await desk.RegisterAsync("w1");
        var lease = await desk.HeldAsync("j", "w1");
        await server.CrashAsync();
        var row = new JobRowQuery();
        Func<Task>[] calls =
        [
            () => desk.AskAsync(desk.Ask("k")),
            () => desk.RenewAsync("w1", lease),
            () => desk.ConfirmAsync("w1", lease),
            () => desk.ReturnAsync("w1", lease),
            () => desk.SettleAsync("j"),
            () => desk.RegisterAsync("w2"),
            () => registry.FindJobAsync(new("j"), CancellationToken.None),
            () => registry.ListJobsAsync(row, CancellationToken.None),
            () => registry.HeadsAsync("default", 1, CancellationToken.None),
            () => registry.WatchAsync(CancellationToken.None),
            () => registry.CountPoolAsync("default", CancellationToken.None),
            () => registry.WishAsync(new WishStatement(new("w1"), WorkerWish.Drain, "ops", "test"), CancellationToken.None),
            () => registry.PurgeAsync(CancellationToken.None),
        ];
        foreach (var call in calls)
        {
            var clock = Stopwatch.StartNew();
            var error = await Assert.ThrowsAsync<DispatchException>(call);
            Assert.Equal(ErrorCode.RegistryUnavailable, error.Code);
            Assert.True(error.IsTransient);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, Bound + Slack);
        }

        await server.RestartAsync();
        await EventuallyAsync(() => desk.RenewAsync("w1", lease));
        Assert.Equal(LeaseState.Held, (await desk.RowAsync("j")).State);
        await desk.ReturnAsync("w1", lease, code: 0);
        Assert.Equal(LeaseState.Returned, (await desk.RowAsync("j")).State);
        Assert.Equal(LeaseState.Waiting, (await desk.AskAsync(desk.Ask("k"))).Row!.State);
    }

    [Fact]
    public async Task What_needs_a_row_that_is_locked_is_unavailable_within_the_bound_too()
    {
        var desk = await DeskOnAsync();
        await using var registry = (PostgresRegistry)desk.Registry;
        await desk.RegisterAsync("w1");
        await using var hand = new Npgsql.NpgsqlConnection(database);
        await hand.OpenAsync();
        await using var transaction = await hand.BeginTransactionAsync();
        await using (var locking = new Npgsql.NpgsqlCommand("SELECT 1 FROM dispatch.worker FOR UPDATE", hand, transaction)) await locking.ExecuteNonQueryAsync();
        var clock = Stopwatch.StartNew();
        var error = await Assert.ThrowsAnyAsync<DispatchException>(() => desk.RenewAsync("w1"));
        Assert.Equal(ErrorCode.RegistryUnavailable, error.Code);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Bound + Slack);
        await transaction.RollbackAsync();
        await EventuallyAsync(() => desk.RenewAsync("w1"));
    }

    [Fact]
    public async Task Connections_that_are_cut_are_made_again_and_other_processes_are_heard_again()
    {
        var desk = await DeskOnAsync();
        await using var registry = (PostgresRegistry)desk.Registry;
        await desk.RegisterAsync("w1");
        await using var other = await PostgresRegistry.OpenAsync(database, Desk.Pools, new RegistryOptions());
        await PostgresServer.ExecuteAsync(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dispatch'");
        await EventuallyAsync(() => desk.RenewAsync("w1"));
        await EventuallyAsync(() => other.FindJobAsync(new("j"), CancellationToken.None));
        var heard = new TaskCompletionSource();
        using var subscription = other.Subscribe(change =>
        {
            if (change.Job?.Value.StartsWith('n') == true) heard.TrySetResult();
        });
        for (var number = 0; !heard.Task.IsCompleted; number++)
        {
            Assert.InRange(number, 0, 100);
            await desk.AskAsync(desk.Ask($"n{number}"));
            await Task.WhenAny(heard.Task, Task.Delay(TimeSpan.FromMilliseconds(300)));
        }
    }

    [Fact]
    public async Task An_outage_is_told_once_with_its_reason_and_once_when_it_is_over()
    {
        var log = new CapturedLog<PostgresRegistry>();
        await using var registry = await PostgresRegistry.OpenAsync(database, Desk.Pools, new RegistryOptions(), new PostgresOptions { CallWithin = Bound }, logger: log);
        await server.CrashAsync();
        // It is tried again and again, and each call is told why it fails.
        for (var calls = 0; calls < 50;)
        {
            var error = await Assert.ThrowsAsync<DispatchException>(() => registry.FindJobAsync(new("j"), CancellationToken.None));
            if (error.Message.Contains("does not answer: ", StringComparison.Ordinal)) calls++;
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        await server.RestartAsync();
        await EventuallyAsync(() => registry.FindJobAsync(new("j"), CancellationToken.None));
        await log.UntilAsync("goes on after");
        Assert.Equal(2, log.Lines.Count);
        Assert.Contains("waits: The registry does not answer.", log.Lines[0], StringComparison.Ordinal);
    }

    private async Task<Desk> DeskOnAsync() => await Desk.OpenAsync(new AtOnce(database));

    /// <summary>Until the connections are made again, calls may still meet broken ones.</summary>
    private static async Task EventuallyAsync(Func<Task> call)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (DispatchException error) when (error.Code == ErrorCode.RegistryUnavailable && clock.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    private sealed class AtOnce(string database) : IRegistryMaker
    {
        public async Task<IRegistry> OpenAsync(PoolSet pools, RegistryOptions options, TimeProvider time, Func<Contracts.Ids.LeaseId> newLease) =>
            await PostgresRegistry.OpenAsync(database, pools, options, new PostgresOptions { CallWithin = Bound }, time, newLease);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
