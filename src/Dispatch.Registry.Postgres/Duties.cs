using System.Text;
using Dapper;
using Npgsql;

namespace Dispatch.Registry.Postgres;

/// <summary>Duties as advisory locks of one connection: when the process ends, or is cut off, the database gives them to another.</summary>
internal sealed class Duties(Database database) : IAsyncDisposable
{
    /// <summary>How long a duty counts as ours before the database is asked again.</summary>
    private static readonly TimeSpan SeenFor = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly Dictionary<string, long> ours = new(StringComparer.Ordinal);
    private NpgsqlConnection? connection;

    public async Task<bool> IsOursAsync(string duty, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (connection is null)
            {
                var opened = new NpgsqlConnection(database.OwnConnectionString);
                connection = opened;
                await opened.OpenAsync(cancellationToken).ConfigureAwait(false);
            }

            if (ours.TryGetValue(duty, out var seen))
            {
                // That the connection lives shows that what it has locked is locked still.
                if (Environment.TickCount64 - seen < SeenFor.TotalMilliseconds) return true;
                await connection.ExecuteScalarAsync<bool>("SELECT true").ConfigureAwait(false);
                ours[duty] = Environment.TickCount64;
                return true;
            }

            if (!await connection.ExecuteScalarAsync<bool>("SELECT pg_try_advisory_lock(@key)", new { key = KeyOf(duty) }).ConfigureAwait(false)) return false;
            ours[duty] = Environment.TickCount64;
            return true;
        }
        catch (Exception error) when (DatabaseErrors.IsOutage(error) || error is InvalidOperationException)
        {
            await CloseAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw DatabaseErrors.Away(database.Address, error);
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        gate.Dispose();
    }

    /// <summary>FNV-1a: the same in every process and version.</summary>
    private static long KeyOf(string duty)
    {
        var hash = 14695981039346656037UL;
        foreach (var one in Encoding.UTF8.GetBytes($"dispatch {duty}")) hash = (hash ^ one) * 1099511628211UL;
        return (long)hash;
    }

    private async Task CloseAsync()
    {
        ours.Clear();
        if (connection is null) return;
        await connection.DisposeAsync().ConfigureAwait(false);
        connection = null;
    }
}
