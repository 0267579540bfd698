using System.Net.Sockets;
using Dispatch.Contracts.Errors;
using Dispatch.Registry.Loops;
using Npgsql;

namespace Dispatch.Registry.Postgres;

/// <summary>What a database's refusals mean.</summary>
internal static class DatabaseErrors
{
    /// <summary>Why nobody got in, and what to do.</summary>
    public static string Unreachable(DatabaseAddress address, Exception error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => $"There is no database {address.Name}. Create it, or name another.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused =>
            $"Database {address.Name} lets nobody in: {refused.MessageText}. Check user and password.",
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } =>
            $"Database {address.Name} is read only (25006): a stand-by, or set so. Promote it, name the primary, or let it be written to.",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused =>
            $"Database {address.Name} refuses: {refused.MessageText} (42501). Give the user its rights on schema {Migrations.DatabaseMigrations.Schema} back.",
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } refused =>
            $"Database {address.Name} has no connection left: {refused.MessageText} (53300). Each process of Dispatch keeps up to {new PostgresOptions().ConnectionsMax} and three of its own: raise max_connections, as infra/postgres/settings.conf has it.",
        PostgresException refused => $"Database {address.Name} refuses: {refused.MessageText} ({refused.SqlState}).",
        NpgsqlException { InnerException: null } when error.Message.StartsWith("No password has been provided", StringComparison.Ordinal) =>
            $"Database {address.Name} asks for a password, and its address has none. Write {DatabaseAddress.Form}.",
        NpgsqlException { InnerException: null } when error.Message.StartsWith("SSL connection requested", StringComparison.Ordinal) =>
            $"Database {address.Name} has no TLS, which its address asks for. Take sslmode out of the address, or turn ssl on in PostgreSQL.",
        OperationCanceledException => $"Database {address.Name} did not answer in time, or this process is closing its registry.",
        _ => $"Database {address.Name} does not answer: {(error.InnerException ?? error).Message.TrimEnd('.')}. Check that PostgreSQL runs there and that host and port are right.",
    };

    /// <summary>Whether the database, the way to it, or how it stands is what failed: the same call may succeed later, with nothing of ours changed.</summary>
    public static bool IsOutage(Exception error) => error switch
    {
        PostgresException postgres => !IsOfStatement(postgres.SqlState),
        // A call that was ended because the registry is closed is one that nobody answers.
        NpgsqlException or TimeoutException or SocketException or IOException or OperationCanceledException => true,
        _ => false,
    };

    /// <summary>
    /// Whether the rows of one statement are what was refused: its values (22), what they would contradict (21, 23), somebody faster (40), a limit (54), a trigger (P0), a row that is
    /// damaged (XX). Everything else, from rights to tables that are gone, is the same for all statements.
    /// </summary>
    private static bool IsOfStatement(string state) => state[..2] is "21" or "22" or "23" or "40" or "54" or "P0" or "XX";

    /// <summary>Whether the database goes and comes by itself: what tells it is one kind of outage, whatever each call meets of it.</summary>
    private static bool IsAway(Exception error) =>
        error is not PostgresException { SqlState: var state } || state[..2] is "57" or "08" or "53" or "58" || state is PostgresErrorCodes.LockNotAvailable or "25P03";

    /// <summary>Whether somebody else, such as a psql, has locked a row for longer than ours are: only what needs that row waits.</summary>
    public static bool IsHeld(Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    /// <summary>Whether some statements of a batch may go where all together did not.</summary>
    public static bool IsOfOne(Exception error) => error is not DispatchException && (IsHeld(error) || !IsOutage(error));

    /// <summary>Whether somebody else was faster: the statements are decided anew on what is there now.</summary>
    public static bool IsRace(Exception error) => error is PostgresException
    {
        SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation,
    };

    /// <summary>What a caller is told of an outage.</summary>
    public static DispatchException Away(DatabaseAddress address, Exception error) => error is PostgresException refused && !IsAway(error)
        ? new UsableLaterException(refused.SqlState, $"The registry cannot be used. {Unreachable(address, error)}", error)
        : new DispatchException(ErrorCode.RegistryUnavailable, $"The registry does not answer. {Unreachable(address, error)}", error);

    /// <summary>What the caller of a statement is told.</summary>
    public static DispatchException Told(DatabaseAddress address, Exception error) => IsHeld(error)
        ? new RowsHeldException($"Somebody else has locked a row in database {address.Name} that this needs (55P03). It is tried again once that transaction has ended.", error)
        : IsOutage(error) ? Away(address, error)
        : new DispatchException(ErrorCode.InternalError, $"Database {address.Name} refused a statement of the registry: {TextOf(error)}", error);

    private static string TextOf(Exception error) => error is PostgresException refused
        ? $"{refused.MessageText} ({refused.SqlState}{(refused.TableName is null ? "" : $", table {refused.TableName}")})."
        : error.Message;
}
