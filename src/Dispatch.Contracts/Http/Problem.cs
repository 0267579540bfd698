using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Contracts.Http;

/// <summary>An error of the HTTP API: problem details (RFC 9457, <c>application/problem+json</c>) with the catalogue's code.</summary>
public sealed record Problem
{
    /// <summary>The media type of problem details.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>The type of a problem that says no more than its status (RFC 9457, section 4.2.1).</summary>
    public const string Untyped = "about:blank";

    /// <summary>What kind of problem: <c>urn:dispatch:error:CODE</c>, or <see cref="Untyped"/> where the request itself cannot be served.</summary>
    public required string Type { get; init; }

    /// <summary>The catalogue's sentence; the status in words where there is no code.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What happened this time, to which id, with the present value.</summary>
    public string? Detail { get; init; }

    /// <summary>The path that was asked for.</summary>
    public string? Instance { get; init; }

    /// <summary>The catalogue's code; null where the catalogue has none: the path, the method, the size or the form of the request is wrong.</summary>
    public ErrorCode? Code { get; init; }

    /// <summary>What the reader can change.</summary>
    public required string Remedy { get; init; }

    /// <summary>Each wrong field, for <see cref="ErrorCode.InvalidJobSpec"/> and <see cref="ErrorCode.NotAdmitted"/>.</summary>
    public IReadOnlyList<SpecError>? Errors { get; init; }

    /// <summary>Makes the problem of a code.</summary>
    /// <param name="code">The catalogue's code.</param>
    /// <param name="detail">What happened this time.</param>
    /// <param name="errors">Each wrong field.</param>
    /// <returns>The problem, with the catalogue's title, status and remedy.</returns>
    public static Problem Of(ErrorCode code, string? detail = null, IReadOnlyList<SpecError>? errors = null)
    {
        var entry = ErrorCatalogue.Of(code);
        return new()
        {
            Type = $"urn:dispatch:error:{code}",
            Title = entry.Title,
            Status = entry.HttpStatus,
            Detail = detail,
            Code = code,
            Remedy = entry.Remedy,
            Errors = errors is { Count: > 0 } ? errors : null,
        };
    }

    /// <summary>Makes a problem that has no code of the catalogue.</summary>
    /// <param name="status">The HTTP status, 400 to 599.</param>
    /// <param name="title">The status in words.</param>
    /// <param name="detail">What happened this time.</param>
    /// <param name="remedy">What the reader can change.</param>
    /// <returns>The problem.</returns>
    public static Problem WithoutCode(int status, string title, string detail, string remedy) =>
        new() { Type = Untyped, Title = title, Status = status, Detail = detail, Remedy = remedy };
}
