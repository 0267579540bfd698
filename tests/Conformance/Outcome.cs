using System.Text.Json.Nodes;

namespace Dispatch.Conformance;

/// <summary>What a call came to.</summary>
internal sealed record Outcome(string Code, string Message, JsonArray Details, JsonNode? Response, TimeSpan Elapsed);
