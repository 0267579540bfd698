using Temporalio.Api.Common.V1;

namespace Dispatch.Engine.History;

/// <summary>What decisions need to know of the namespace: looked up once, before the decision.</summary>
/// <param name="CheckSearchAttributes">Checks values against the registered types and stamps them; throws a refusal.</param>
/// <param name="FindNamespace">The id of a namespace; null when there is none of that name.</param>
internal sealed record DecisionRules(
    Func<SearchAttributes?, SearchAttributes?> CheckSearchAttributes,
    Func<string, string?> FindNamespace);
