namespace Dispatch.Contracts.Errors;

/// <summary>One line of the catalogue.</summary>
/// <param name="Code">The code.</param>
/// <param name="Retryable">Whether the same job may succeed later without a change by anybody.</param>
/// <param name="Phase">Where it usually arises.</param>
/// <param name="HttpStatus">The status of an HTTP answer with this code.</param>
/// <param name="Title">What happened, one sentence without ids.</param>
/// <param name="Remedy">What the reader can change.</param>
public sealed record ErrorEntry(ErrorCode Code, bool Retryable, ErrorPhase Phase, int HttpStatus, string Title, string Remedy);
