using Dispatch.Contracts.Errors;

namespace Dispatch.Registry.Loops;

/// <summary>A row that somebody else has locked: what needs it waits, and nothing else.</summary>
/// <param name="message">Which, and what to do.</param>
/// <param name="innerException">What it came from.</param>
internal sealed class RowsHeldException(string message, Exception innerException) : DispatchException(ErrorCode.RegistryUnavailable, message, innerException);
