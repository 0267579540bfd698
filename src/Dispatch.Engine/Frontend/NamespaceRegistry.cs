using System.Collections.Concurrent;
using Dispatch.Engine.Visibility;
using Grpc.Core;
using Temporalio.Api.ErrorDetails.V1;

namespace Dispatch.Engine.Frontend;

/// <summary>The namespaces that exist, by name and by id.</summary>
internal sealed class NamespaceRegistry
{
    /// <summary>The namespace that exists from the start for users.</summary>
    public const string DefaultName = "default";

    /// <summary>The namespace that the real server keeps for itself; clients look at it.</summary>
    public const string SystemName = "temporal-system";

    /// <summary>The id of the namespace that every engine has: one, so that an engine that was started again is no other server to those who go by ids.</summary>
    public const string DefaultId = "7c3de0d6-6b1f-4a0e-9c5b-64697370636b";

    /// <summary>Most namespaces at a time.</summary>
    public const int NamespacesMax = 10_000;

    /// <summary>Shortest retention that a namespace may be registered with.</summary>
    public static readonly TimeSpan RetentionMin = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, NamespaceRecord> byName = new(StringComparer.Ordinal);
    private readonly Lock changes = new();

    public NamespaceRegistry(EngineOptions options, SearchAttributeRegistry searchAttributes)
    {
        byName[SystemName] = new NamespaceRecord(NewId(), SystemName)
        {
            Description = "Temporal internal system namespace",
            OwnerEmail = "temporal-core@temporal.io",
            Retention = TimeSpan.FromDays(7),
        };
        byName[DefaultName] = new NamespaceRecord(DefaultId, DefaultName) { Retention = options.Retention };
        searchAttributes.Add(DefaultName, options.SearchAttributes);
    }

    /// <summary>All namespaces, by name.</summary>
    public IReadOnlyList<NamespaceRecord> All => [.. byName.Values.OrderBy(item => item.Name, StringComparer.Ordinal)];

    public NamespaceRecord? Find(string name) => byName.GetValueOrDefault(name);

    public NamespaceRecord? FindById(string id) => byName.Values.FirstOrDefault(item => item.Id == id);

    /// <exception cref="EngineException">NOT_FOUND: no namespace has this name.</exception>
    public NamespaceRecord Require(string name) => Find(name) ?? throw Missing(name);

    /// <exception cref="EngineException">ALREADY_EXISTS, or RESOURCE_EXHAUSTED at the limit.</exception>
    public void Register(Func<string, NamespaceRecord> create, string name)
    {
        lock (changes)
        {
            if (byName.ContainsKey(name))
            {
                throw new EngineException(
                    StatusCode.AlreadyExists, $"Namespace \"{name}\" already exists", new NamespaceAlreadyExistsFailure());
            }

            if (byName.Count >= NamespacesMax)
            {
                throw new EngineException(StatusCode.ResourceExhausted, $"There are {NamespacesMax} namespaces already; delete some.");
            }

            byName[name] = create(NewId());
        }
    }

    /// <exception cref="EngineException">NOT_FOUND: no namespace has this name.</exception>
    public NamespaceRecord Change(string name, Func<NamespaceRecord, NamespaceRecord> change)
    {
        lock (changes)
        {
            return byName[name] = change(Require(name));
        }
    }

    public static EngineException Missing(string nameOrId) => new(
        StatusCode.NotFound, $"Namespace {nameOrId} is not found.", new NamespaceNotFoundFailure { Namespace = nameOrId });

    private static string NewId() => Guid.NewGuid().ToString();
}
