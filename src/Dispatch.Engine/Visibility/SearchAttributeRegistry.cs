using System.Collections.Concurrent;
using System.Collections.Immutable;
using Dispatch.Engine.Frontend;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>Names and types of search attributes: the system's, and those that were added to each namespace.</summary>
internal sealed partial class SearchAttributeRegistry
{
    private readonly ConcurrentDictionary<string, ImmutableSortedDictionary<string, IndexedValueType>> custom = new(StringComparer.Ordinal);

    /// <summary>The custom attributes of a namespace.</summary>
    public ImmutableSortedDictionary<string, IndexedValueType> Custom(string namespaceName) =>
        custom.GetValueOrDefault(namespaceName, ImmutableSortedDictionary.Create<string, IndexedValueType>(StringComparer.Ordinal));

    /// <summary>The names that the old, namespace-less listing gives: the system's, and the columns that a real store has.</summary>
    public IReadOnlyDictionary<string, IndexedValueType> Everywhere { get; } = System.Concat(StoreColumns()).ToDictionary();

    /// <summary>The type of an attribute, custom or the system's; null when the namespace has none of this name.</summary>
    public IndexedValueType? TypeOf(string namespaceName, string name) =>
        System.TryGetValue(name, out var type) || Custom(namespaceName).TryGetValue(name, out type) ? type : null;

    /// <summary>Adds attributes. One that exists keeps its type.</summary>
    /// <exception cref="EngineException">A name is the system's, a type is none, or there would be too many.</exception>
    public void Add(string namespaceName, IEnumerable<KeyValuePair<string, IndexedValueType>> added)
    {
        foreach (var (name, type) in added)
        {
            if (System.ContainsKey(name) || name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
            {
                throw EngineException.InvalidArgument($"Search attribute {name} is reserved by system.");
            }

            var max = CustomMax.GetValueOrDefault(type);
            custom.AddOrUpdate(
                namespaceName,
                _ => Added(Custom(namespaceName), name, type, max),
                (_, known) => Added(known, name, type, max));
        }
    }

    /// <summary>Removes custom attributes; names that are not known are passed over.</summary>
    /// <exception cref="EngineException">A name is the system's.</exception>
    public void Remove(string namespaceName, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (System.ContainsKey(name))
            {
                throw EngineException.InvalidArgument($"Unable to remove non-custom search attributes: {name}.");
            }

            custom.AddOrUpdate(namespaceName, _ => Custom(namespaceName), (_, known) => known.Remove(name));
        }
    }

    private static ImmutableSortedDictionary<string, IndexedValueType> Added(
        ImmutableSortedDictionary<string, IndexedValueType> known, string name, IndexedValueType type, int max)
    {
        if (known.ContainsKey(name))
        {
            return known;
        }

        return known.Values.Count(other => other == type) < max
            ? known.Add(name, type)
            : throw EngineException.InvalidArgument(
                $"Unable to create search attributes: cannot have more than {max} search attribute of type {type}.");
    }
}
