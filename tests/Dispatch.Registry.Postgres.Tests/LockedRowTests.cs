using Dispatch.Contracts.Errors;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Npgsql;
using Registry.Suite;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>A row that somebody has locked, in a psql say, holds up only what needs that row.</summary>
[Collection(OnServer.Name)]
public sealed class LockedRowTests(OneServer one) : IAsyncLifetime
{
    private readonly OnPostgres maker = new(one);
    private string database = "";
    private Desk desk = null!;

    public async Task InitializeAsync()
    {
        database = await one.NewDatabaseAsync();
        desk = await Desk.OpenAsync(new OnDatabase(maker, database));
    }

    public async Task DisposeAsync() => await maker.DisposeAsync();

    [Fact]
    public async Task The_expirer_goes_on_with_the_others_and_with_it_once_it_is_free()
    {
        foreach (var number in new[] { 1, 2, 3 })
        {
            await desk.RegisterAsync($"w{number}");
            await desk.HeldAsync($"j{number}", $"w{number}");
        }

        await using var hand = await LockAsync("j1");
        await desk.PassAsync(7.5);
        Assert.Equal(LeaseState.Held, (await desk.RowAsync("j1")).State);
        Assert.Equal(LeaseState.Expired, (await desk.RowAsync("j2")).State);
        Assert.Equal(LeaseState.Expired, (await desk.RowAsync("j3")).State);
        await hand.CloseAsync();
        await desk.PassAsync(0.5);
        Assert.Equal(LeaseState.Expired, (await desk.RowAsync("j1")).State);
    }

    [Fact]
    public async Task Of_statements_that_come_together_the_others_are_answered()
    {
        await desk.RegisterAsync("w1", slots: 20);
        await using var hand = await LockAsync("j1", made: true);
        var asks = Enumerable.Range(1, 8).ToDictionary(number => number, number => desk.AskAsync(desk.Ask($"j{number}", ask: 2)));
        var refused = await Assert.ThrowsAnyAsync<DispatchException>(() => asks[1]);
        Assert.Equal((ErrorCode.RegistryUnavailable, true), (refused.Code, refused.IsTransient));
        foreach (var (_, ask) in asks.Where(pair => pair.Key > 1)) Assert.Equal(AskKind.Row, (await ask).Kind);
        await hand.CloseAsync();
        Assert.Equal(AskKind.Row, (await desk.AskAsync(desk.Ask("j1", ask: 3))).Kind);
    }

    private sealed class OnDatabase(OnPostgres maker, string database) : IRegistryMaker
    {
        public async Task<IRegistry> OpenAsync(PoolSet pools, RegistryOptions options, TimeProvider time, Func<Contracts.Ids.LeaseId> newLease) =>
            await maker.OpenAsync(database, pools, options, time, newLease, new() { CallWithin = TimeSpan.FromSeconds(6) });

        public ValueTask DisposeAsync() => maker.DisposeAsync();
    }

    private async Task<NpgsqlConnection> LockAsync(string job, bool made = false)
    {
        if (made) await desk.AskAsync(desk.Ask(job, ask: 1));
        var hand = new NpgsqlConnection(database + ";Pooling=false;Search Path=dispatch");
        await hand.OpenAsync();
        await using var command = new NpgsqlCommand($"BEGIN; SELECT 1 FROM job WHERE job = '{job}' FOR UPDATE", hand);
        await command.ExecuteNonQueryAsync();
        return hand;
    }
}
