using System.Net.Sockets;
using Dispatch.Contracts.Errors;
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
        PostgresException refused => $"Database {address.Name} refuses: {refused.MessageText} ({refused.SqlState}).",
        OperationCanceledException => $"Database {address.Name} did not answer in time, or this process is closing its registry.",
        _ => $"Database {address.Name} does not answer: {(error.InnerException ?? error).Message.TrimEnd('.')}. Check that PostgreSQL runs there and that host and port are right.",
    };

    /// <summary>Whether the database, or the way to it, is what failed: the same call may succeed later.</summary>
    public static bool IsOutage(Exception error) => error switch
    {
        PostgresException postgres => postgres.SqlState[..2] is "57" or "08" or "53" or "58" || postgres.SqlState == PostgresErrorCodes.LockNotAvailable
            || postgres.SqlState == "25P03",
        // A call that was ended because the registry is closed is one that nobody answers.
        NpgsqlException or TimeoutException or SocketException or IOException or OperationCanceledException => true,
        _ => false,
    };

    /// <summary>Whether somebody else was faster: the statements are decided anew on what is there now.</summary>
    public static bool IsRace(Exception error) => error is PostgresException
    {
        SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation,
    };

    /// <summary>What a caller is told of an outage.</summary>
    public static DispatchException Away(DatabaseAddress address, Exception error) =>
        new(ErrorCode.RegistryUnavailable, $"The registry does not answer. {Unreachable(address, error)}", error);

    /// <summary>What a caller is told.</summary>
    public static DispatchException Told(DatabaseAddress address, Exception error) => IsOutage(error)
        ? Away(address, error)
        : new DispatchException(ErrorCode.InternalError, $"Database {address.Name} refused a statement of the registry: {error.Message}", error);
}
