using Grpc.Core;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Frontend;

/// <summary>Calls of features that the real server has switched off, too, or that nothing is ever in.</summary>
internal sealed class FeatureGateHandlers
{
    private readonly string versionSets = "Worker versioning v0.1 (Version Set-based, deprecated)";
    private readonly string versionRules = "Worker versioning v0.2 (Rules-based, deprecated)";
    private readonly string notArchived = "Cluster is not configured for visibility archival.";
    private readonly ListWorkerDeploymentsResponse noDeployments = new();

    public Task<GetWorkerBuildIdCompatibilityResponse> GetWorkerBuildIdCompatibility(
        GetWorkerBuildIdCompatibilityRequest request, CallContext context) => throw Disabled(versionSets);

    public Task<UpdateWorkerBuildIdCompatibilityResponse> UpdateWorkerBuildIdCompatibility(
        UpdateWorkerBuildIdCompatibilityRequest request, CallContext context) => throw Disabled(versionSets);

    public Task<GetWorkerTaskReachabilityResponse> GetWorkerTaskReachability(GetWorkerTaskReachabilityRequest request, CallContext context) =>
        throw Disabled(versionSets);

    public Task<GetWorkerVersioningRulesResponse> GetWorkerVersioningRules(GetWorkerVersioningRulesRequest request, CallContext context) =>
        throw Disabled(versionRules);

    public Task<UpdateWorkerVersioningRulesResponse> UpdateWorkerVersioningRules(
        UpdateWorkerVersioningRulesRequest request, CallContext context) => throw Disabled(versionRules);

    /// <summary>Nothing makes a deployment here, so there is none.</summary>
    public Task<ListWorkerDeploymentsResponse> ListWorkerDeployments(ListWorkerDeploymentsRequest request, CallContext context) =>
        Task.FromResult(noDeployments);

    public Task<ListArchivedWorkflowExecutionsResponse> ListArchivedWorkflowExecutions(
        ListArchivedWorkflowExecutionsRequest request, CallContext context) =>
        throw EngineException.InvalidArgument(notArchived);

    private static EngineException Disabled(string feature) =>
        new(StatusCode.PermissionDenied, $"{feature} is disabled on this namespace.", new PermissionDeniedFailure());
}
