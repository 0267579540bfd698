using Dispatch.Contracts;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Cli.Roles;

/// <summary>The search attributes that jobs write.</summary>
internal static class JobAttributes
{
    /// <summary>Name and type of each.</summary>
    public static IReadOnlyDictionary<string, IndexedValueType> Types { get; } = new Dictionary<string, IndexedValueType>
    {
        [JobNames.PoolAttribute] = IndexedValueType.Keyword,
        [JobNames.StateAttribute] = IndexedValueType.Keyword,
        [JobNames.WorkerAttribute] = IndexedValueType.Keyword,
        [JobNames.ReasonAttribute] = IndexedValueType.Keyword,
        [JobNames.OwnerAttribute] = IndexedValueType.Keyword,
        [JobNames.NameAttribute] = IndexedValueType.Text,
        [JobNames.LabelsAttribute] = IndexedValueType.KeywordList,
    };
}
