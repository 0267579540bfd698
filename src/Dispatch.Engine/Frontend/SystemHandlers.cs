using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Temporalio.Api.Version.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Frontend;

/// <summary>What the engine says of itself.</summary>
internal sealed class SystemHandlers
{
    private const int Serving = 1;

    private readonly HashSet<string> healthyServices =
    [
        "",
        "temporal.api.workflowservice.v1.WorkflowService",
        "temporal.api.operatorservice.v1.OperatorService",
    ];

    private readonly GetSystemInfoResponse systemInfo = new()
    {
        ServerVersion = ServerVersion.Text,
        Capabilities = new GetSystemInfoResponse.Types.Capabilities
        {
            SignalAndQueryHeader = true,
            InternalErrorDifferentiation = true,
            ActivityFailureIncludeHeartbeat = true,
            EncodedFailureAttributes = true,
            BuildIdBasedVersioning = true,
            UpsertMemo = true,
            EagerWorkflowStart = true,
            SdkMetadata = true,
            CountGroupByExecutionStatus = true,
        },
    };

    private readonly string clusterId = Guid.NewGuid().ToString();

    public Task<GetSystemInfoResponse> GetSystemInfo(GetSystemInfoRequest request, CallContext context) =>
        Task.FromResult(systemInfo);

    public Task<GetClusterInfoResponse> GetClusterInfo(GetClusterInfoRequest request, CallContext context) =>
        Task.FromResult(new GetClusterInfoResponse
        {
            ServerVersion = ServerVersion.Text,
            ClusterId = clusterId,
            ClusterName = "active",
            HistoryShardCount = 1,
            PersistenceStore = "memory",
            VisibilityStore = "memory",
            VersionInfo = new Temporalio.Api.Version.V1.VersionInfo { Current = new ReleaseInfo { Version = ServerVersion.Text } },
            FailoverVersionIncrement = 10,
            InitialFailoverVersion = 1,
        });

    /// <summary>grpc.health.v1: the name of a service in, 1 (serving) out.</summary>
    public Task<Int32Value> Check(StringValue request, CallContext context) =>
        healthyServices.Contains(request.Value)
            ? Task.FromResult(new Int32Value { Value = Serving })
            : throw new EngineException(StatusCode.NotFound, "unknown service");
}
