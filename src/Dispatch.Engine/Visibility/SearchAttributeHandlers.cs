using Dispatch.Engine.Frontend;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>The operator's calls about search attributes.</summary>
internal sealed class SearchAttributeHandlers
{
    private readonly SearchAttributeRegistry registry;

    public SearchAttributeHandlers(EngineServices services) => registry = services.SearchAttributes;

    public Task<AddSearchAttributesResponse> AddSearchAttributes(AddSearchAttributesRequest request, CallContext context)
    {
        if (request.SearchAttributes.Count == 0)
        {
            throw EngineException.InvalidArgument("SearchAttributes are not set on request.");
        }

        registry.Add(context.Namespace!.Name, request.SearchAttributes);
        return Task.FromResult(new AddSearchAttributesResponse());
    }

    public Task<RemoveSearchAttributesResponse> RemoveSearchAttributes(RemoveSearchAttributesRequest request, CallContext context)
    {
        if (request.SearchAttributes.Count == 0)
        {
            throw EngineException.InvalidArgument("SearchAttributes are not set on request.");
        }

        registry.Remove(context.Namespace!.Name, request.SearchAttributes);
        return Task.FromResult(new RemoveSearchAttributesResponse());
    }

    public Task<ListSearchAttributesResponse> ListSearchAttributes(ListSearchAttributesRequest request, CallContext context) =>
        Task.FromResult(new ListSearchAttributesResponse
        {
            CustomAttributes = { registry.Custom(context.Namespace!.Name) },
            SystemAttributes = { SearchAttributeRegistry.System },
        });

    /// <summary>The old call of the workflow service, which names no namespace.</summary>
    public Task<GetSearchAttributesResponse> GetSearchAttributes(GetSearchAttributesRequest request, CallContext context) =>
        Task.FromResult(new GetSearchAttributesResponse { Keys = { registry.Everywhere.ToDictionary() } });
}
