using Dispatch.Engine.Frontend;
using Dispatch.Engine.Visibility;

namespace Dispatch.Engine;

/// <summary>What every handler of an engine may stand on.</summary>
/// <param name="Options">What the engine was started with.</param>
/// <param name="Namespaces">The namespaces that exist.</param>
/// <param name="SearchAttributes">Types of search attributes, and the check of their values.</param>
/// <param name="Visibility">The rows that lists and counts read.</param>
/// <param name="Stopping">Cancelled when the engine begins to stop.</param>
internal sealed record EngineServices(
    EngineOptions Options,
    NamespaceRegistry Namespaces,
    SearchAttributeRegistry SearchAttributes,
    IVisibilityStore Visibility,
    CancellationToken Stopping)
{
    /// <summary>The engine's clock.</summary>
    public TimeProvider Clock => Options.TimeProvider;
}
