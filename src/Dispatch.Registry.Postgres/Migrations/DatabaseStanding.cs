namespace Dispatch.Registry.Postgres.Migrations;

/// <summary>How a database stands to this program.</summary>
public enum DatabaseStandingKind
{
    /// <summary>Its tables are the ones this program works with.</summary>
    UpToDate,

    /// <summary>Migrations of this program are missing.</summary>
    TooOld,

    /// <summary>It has migrations that this program does not know.</summary>
    TooNew,

    /// <summary>It has no tables of Dispatch, or a schema of that name with others.</summary>
    NotDispatch,

    /// <summary>Its tables are not those that its migrations made, or these are not recorded: somebody has changed them by hand.</summary>
    Changed,

    /// <summary>It does not answer, or lets nobody in.</summary>
    Unreachable,
}

/// <summary>How a database stands to this program, in words.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Message">What was found in which database, and what to do; one or two sentences, without the password.</param>
public sealed record DatabaseStanding(DatabaseStandingKind Kind, string Message)
{
    /// <summary>Whether the registry can be opened.</summary>
    public bool Usable => Kind == DatabaseStandingKind.UpToDate;
}
