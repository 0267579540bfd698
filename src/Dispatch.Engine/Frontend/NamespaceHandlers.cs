using System.Collections.Immutable;
using Dispatch.Engine.History;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Namespace.V1;
using Temporalio.Api.Replication.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Frontend;

/// <summary>Registers, describes, lists, changes and deprecates namespaces.</summary>
internal sealed class NamespaceHandlers
{
    private const int NameCharsMax = 1000;
    private const int PageMax = 1000;
    private const int BlobBytesMax = 2 * 1024 * 1024;
    private const int CompletionBytesMax = 40 * 1024 * 1024;

    private readonly NamespaceRegistry namespaces;

    public NamespaceHandlers(EngineServices services) => namespaces = services.Namespaces;

    public Task<RegisterNamespaceResponse> RegisterNamespace(RegisterNamespaceRequest request, CallContext context)
    {
        var name = RequireName(request.Namespace);
        if (request.WorkflowExecutionRetentionPeriod.OrZero() is var retention && retention < NamespaceRegistry.RetentionMin)
        {
            throw EngineException.InvalidArgument("A valid retention period is not set on request.");
        }

        namespaces.Register(
            id => new NamespaceRecord(id, name)
            {
                Description = request.Description,
                OwnerEmail = request.OwnerEmail,
                Data = request.Data.ToImmutableSortedDictionary(StringComparer.Ordinal),
                Retention = retention,
                IsRegisteredByCall = true,
            },
            name);
        return Task.FromResult(new RegisterNamespaceResponse());
    }

    public Task<DescribeNamespaceResponse> DescribeNamespace(DescribeNamespaceRequest request, CallContext context)
    {
        if (request.Namespace.Length == 0 && request.Id.Length == 0)
        {
            throw EngineException.InvalidArgument("Namespace not set on request.");
        }

        var found = request.Namespace.Length > 0
            ? namespaces.Require(request.Namespace)
            : namespaces.FindById(request.Id) ?? throw NamespaceRegistry.Missing(request.Id);
        return Task.FromResult(Describe(found));
    }

    public Task<ListNamespacesResponse> ListNamespaces(ListNamespacesRequest request, CallContext context)
    {
        var size = request.PageSize is > 0 and <= PageMax ? request.PageSize : PageMax;
        var after = request.NextPageToken.ToStringUtf8();
        var page = namespaces.All
            .Where(item => string.CompareOrdinal(item.Name, after) > 0)
            .Where(item => item.State != NamespaceState.Deleted || request.NamespaceFilter?.IncludeDeleted == true)
            .Take(size + 1)
            .ToList();
        var response = new ListNamespacesResponse();
        response.Namespaces.AddRange(page.Take(size).Select(Describe));
        if (page.Count > size)
        {
            response.NextPageToken = ByteString.CopyFromUtf8(page[size - 1].Name);
        }

        return Task.FromResult(response);
    }

    public Task<UpdateNamespaceResponse> UpdateNamespace(UpdateNamespaceRequest request, CallContext context)
    {
        var changed = namespaces.Change(RequireName(request.Namespace), old => Changed(old, request));
        var described = Describe(changed);
        return Task.FromResult(new UpdateNamespaceResponse
        {
            NamespaceInfo = described.NamespaceInfo,
            Config = described.Config,
            ReplicationConfig = described.ReplicationConfig,
        });
    }

    public Task<DeprecateNamespaceResponse> DeprecateNamespace(DeprecateNamespaceRequest request, CallContext context)
    {
        namespaces.Change(RequireName(request.Namespace), old => old with { State = NamespaceState.Deprecated });
        return Task.FromResult(new DeprecateNamespaceResponse());
    }

    private static NamespaceRecord Changed(NamespaceRecord old, UpdateNamespaceRequest request)
    {
        var changed = old;
        if (request.UpdateInfo is { } info)
        {
            changed = changed with
            {
                Description = info.Description.Length > 0 ? info.Description : old.Description,
                OwnerEmail = info.OwnerEmail.Length > 0 ? info.OwnerEmail : old.OwnerEmail,
                Data = old.Data.SetItems(info.Data),
                State = info.State == NamespaceState.Unspecified ? old.State : info.State,
            };
        }

        if (request.Config?.WorkflowExecutionRetentionTtl is { } given)
        {
            var retention = given.OrZero();
            if (retention < NamespaceRegistry.RetentionMin)
            {
                throw EngineException.InvalidArgument("A valid retention period is not set on request.");
            }

            changed = changed with { Retention = retention };
        }

        return changed;
    }

    private static string RequireName(string name) => name switch
    {
        { Length: 0 } => throw EngineException.InvalidArgument("Namespace not set on request."),
        { Length: > NameCharsMax } => throw EngineException.InvalidArgument("Namespace length exceeds limit."),
        _ => name,
    };

    private static DescribeNamespaceResponse Describe(NamespaceRecord item) => new()
    {
        NamespaceInfo = new NamespaceInfo
        {
            Id = item.Id,
            Name = item.Name,
            State = item.State,
            Description = item.Description,
            OwnerEmail = item.OwnerEmail,
            Data = { item.Data },
            Capabilities = new NamespaceInfo.Types.Capabilities
            {
                EagerWorkflowStart = true,
                SyncUpdate = true,
                AsyncUpdate = true,
            },
            Limits = new NamespaceInfo.Types.Limits
            {
                BlobSizeLimitError = BlobBytesMax,
                MemoSizeLimitError = BlobBytesMax,
                WorkflowTaskCompletionSizeLimitError = CompletionBytesMax,
            },
        },
        Config = new NamespaceConfig
        {
            WorkflowExecutionRetentionTtl = Duration.FromTimeSpan(item.Retention),
            BadBinaries = new BadBinaries(),
            HistoryArchivalState = ArchivalState.Disabled,
            VisibilityArchivalState = ArchivalState.Disabled,
        },
        ReplicationConfig = new NamespaceReplicationConfig
        {
            ActiveClusterName = "active",
            Clusters = { new ClusterReplicationConfig { ClusterName = "active" } },
            State = item.IsRegisteredByCall ? ReplicationState.Normal : ReplicationState.Unspecified,
        },
    };
}
