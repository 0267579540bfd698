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

    /// <summary>Whether a change has been made since it was registered; the real server tells the two apart.</summary>
    public bool Changed { get; init; }
}
