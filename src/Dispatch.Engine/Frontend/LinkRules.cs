using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Frontend;

/// <summary>What must hold of the links that a request attaches to the events it makes.</summary>
internal static class LinkRules
{
    /// <summary>Most links of one request.</summary>
    public const int LinksMax = 10;

    /// <summary>Largest link.</summary>
    public const int LinkBytesMax = 4000;

    /// <exception cref="EngineException">INVALID_ARGUMENT, with the first thing that is wrong.</exception>
    public static void Check(IReadOnlyCollection<Link> links)
    {
        if (links.Count > LinksMax)
        {
            throw EngineException.InvalidArgument($"cannot attach more than {LinksMax} links per request, got {links.Count}");
        }

        foreach (var link in links)
        {
            if (Complaint(link) is { } complaint)
            {
                throw EngineException.InvalidArgument(complaint);
            }
        }
    }

    private static string? Complaint(Link link) => link switch
    {
        _ when link.CalculateSize() is var size && size > LinkBytesMax => $"link exceeds allowed size of {LinkBytesMax}, got {size}",
        { WorkflowEvent.Namespace: "" } => "workflow event link must not have an empty namespace field",
        { WorkflowEvent.WorkflowId: "" } => "workflow event link must not have an empty workflow ID field",
        { WorkflowEvent.RunId: "" } => "workflow event link must not have an empty run ID field",
        { WorkflowEvent.EventRef: { EventType: EventType.Unspecified, EventId: not 0 } } =>
            "workflow event link ref cannot have an unspecified event type and a non-zero event ID",
        { BatchJob.JobId: "" } => "batch job link must not have an empty job ID",
        { VariantCase: Link.VariantOneofCase.None } => "unsupported link variant",
        _ => null,
    };
}
