using System.Text.Json;
using System.Text.RegularExpressions;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Microsoft.AspNetCore.Http;

namespace Dispatch.Server.Problems;

/// <summary>Says in our own words what is wrong with a request that never reached its endpoint.</summary>
internal static partial class BadRequests
{
    /// <summary>The problem.</summary>
    public static Problem Explain(BadHttpRequestException bad)
    {
        var problem = Problem.Of(ErrorCode.InvalidJobSpec) with { Status = bad.StatusCode, Title = CallRefused.Title, Remedy = "Correct the request; /openapi/v1.json describes it." };
        return bad switch
        {
            { InnerException: JsonException json } => problem with { Detail = $"The body is not the JSON that is expected here{Place(json)}. {Reason(json)}" },
            { StatusCode: StatusCodes.Status413PayloadTooLarge } => ProblemResults.WithoutCode(bad.StatusCode, $"The body is larger than {ServerSetup.BodyBytesMax} bytes.", "Send less; a job spec is at most 256 KiB."),
            { StatusCode: StatusCodes.Status415UnsupportedMediaType } => ProblemResults.WithoutCode(bad.StatusCode, "The content type is not JSON.", "Send the body with content-type: application/json."),
            _ when Parameter().Match(bad.Message) is { Success: true } found => problem with
            {
                Detail = $"'{found.Groups[2].Value}' is no value for {found.Groups[1].Value}.",
                Errors = [new(found.Groups[1].Value, found.Groups[2].Value, "has not the form that is expected here; see /openapi/v1.json")],
            },
            _ when bad.Message.Contains("no body was provided", StringComparison.Ordinal) => problem with { Detail = "The body is missing: send a JSON object with content-type: application/json." },
            _ => problem with { Detail = bad.Message },
        };
    }

    private static string Place(JsonException json) => json.Path is { Length: > 0 } path && path != "$"
        ? $", at {path.TrimStart('$', '.')}"
        : json.LineNumber is { } line ? $", at line {line + 1}, byte {json.BytePositionInLine + 1}" : "";

    private static string Reason(JsonException json) =>
        Unknown().Match(json.Message) is { Success: true } found ? $"There is no field '{found.Groups[1].Value}'; a spec's fields belong below \"spec\"."
        : json.Message.Contains("could not be converted", StringComparison.Ordinal) ? "The value there has the wrong type."
        : "It may be cut off, or a quote or comma may be missing.";

    [GeneratedRegex("Failed to bind parameter \"\\S+ (\\w+)\" from \"(.*)\"")]
    private static partial Regex Parameter();

    [GeneratedRegex("JSON property '([^']*)' could not be mapped")]
    private static partial Regex Unknown();
}
