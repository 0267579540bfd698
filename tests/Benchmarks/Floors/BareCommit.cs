using System.Diagnostics;
using Dispatch.Benchmarks.Measuring;
using Npgsql;

namespace Dispatch.Benchmarks.Floors;

/// <summary>What one durable statement costs on the database that the registry uses.</summary>
internal static class BareCommit
{
    /// <summary>Inserts rows one after the other, each with a commit of its own.</summary>
    public static async Task<Samples> MeasureAsync(string connection, int count)
    {
        var each = new Samples();
        await using var source = NpgsqlDataSource.Create(connection);
        await using var open = await source.OpenConnectionAsync();
        await using (var keep = new NpgsqlCommand("create table floor_rows (id bigint primary key, text text not null)", open))
            await keep.ExecuteNonQueryAsync();
        await using var insert = new NpgsqlCommand("insert into floor_rows values ($1, 'a row of a few words')", open) { Parameters = { new NpgsqlParameter<long>() } };
        await insert.PrepareAsync();
        for (var number = 0L; number < count; number++)
        {
            ((NpgsqlParameter<long>)insert.Parameters[0]).TypedValue = number;
            var start = Stopwatch.GetTimestamp();
            await insert.ExecuteNonQueryAsync();
            each.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        await using var drop = new NpgsqlCommand("drop table floor_rows", open);
        await drop.ExecuteNonQueryAsync();
        return each;
    }
}
