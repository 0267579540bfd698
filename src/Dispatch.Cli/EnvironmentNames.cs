namespace Dispatch.Cli;

/// <summary>The environment variables that the executable itself reads; an option given beside one wins over it.</summary>
internal static class EnvironmentNames
{
    /// <summary>Address of the HTTP API, for the verbs and the workers: <c>--server</c>.</summary>
    public const string Server = "DISPATCH_SERVER";

    /// <summary>The registry's database: <c>--database</c>.</summary>
    public const string Database = "DISPATCH_DATABASE";

    /// <summary>The token of workers: <c>--worker-token</c>.</summary>
    public const string WorkerToken = "DISPATCH_WORKER_TOKEN";

    /// <summary>A file that has the token of workers: <c>--worker-token-file</c>.</summary>
    public const string WorkerTokenFile = "DISPATCH_WORKER_TOKEN_FILE";

    /// <summary>Temporal's address: <c>--address</c>.</summary>
    public const string TemporalAddress = "TEMPORAL_ADDRESS";

    /// <summary>Temporal's namespace: <c>--namespace</c>.</summary>
    public const string TemporalNamespace = "TEMPORAL_NAMESPACE";

    /// <summary>Where state is kept, as the XDG base directory specification has it; a role's folder is made below it.</summary>
    public const string StateHome = "XDG_STATE_HOME";

    /// <summary>The user's home folder: state is kept below it where nothing else is said.</summary>
    public const string Home = "HOME";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Server, Database, WorkerToken, WorkerTokenFile, TemporalAddress, TemporalNamespace, StateHome, Home];

    /// <summary>The value of one; an empty one is none.</summary>
    public static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
