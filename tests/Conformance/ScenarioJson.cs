using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dispatch.Conformance;

/// <summary>How JSON is written for people.</summary>
internal static class ScenarioJson
{
    public static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
