using Grpc.Core;

namespace Dispatch.Engine.Frontend;

/// <summary>What a handler may know of the call it answers.</summary>
internal sealed class CallContext
{
    private readonly Metadata headers;

    public CallContext(Metadata headers, DateTimeOffset? deadline, CancellationToken cancellationToken)
    {
        this.headers = headers;
        Deadline = deadline;
        CancellationToken = cancellationToken;
    }

    /// <summary>The namespace that the request names; it exists. Null when the request names none.</summary>
    public NamespaceRecord? Namespace { get; init; }

    /// <summary>When the caller gives up, by the system's clock; null when it never does.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Cancelled when the caller gives up or goes away, and when the engine stops.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>For example <c>temporal-dotnet</c>, <c>temporal-cli</c>, <c>temporal-ui</c>; empty when the caller doesn't say.</summary>
    public string ClientName => Header("client-name");

    /// <summary>The version of the caller's library; empty when it doesn't say.</summary>
    public string ClientVersion => Header("client-version");

    /// <summary>A header of the call, by its lower-case name; empty when absent.</summary>
    public string Header(string name) => headers.GetValue(name) ?? "";
}
