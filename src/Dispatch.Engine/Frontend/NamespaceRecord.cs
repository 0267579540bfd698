using System.Collections.Immutable;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Frontend;

/// <summary>A namespace as it is now. Changes make a new record.</summary>
internal sealed record NamespaceRecord(string Id, string Name)
{
    public NamespaceState State { get; init; } = NamespaceState.Registered;

    public string Description { get; init; } = "";

    public string OwnerEmail { get; init; } = "";

    public ImmutableSortedDictionary<string, string> Data { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>How long closed workflows are kept.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Whether a call registered it; the others exist from the start. The real server shows the two differently.</summary>
    public bool IsRegisteredByCall { get; init; }
}
