using Dispatch.Contracts.Errors;

namespace Dispatch.Registry.Loops;

/// <summary>A registry that answers and cannot be used as it stands: a stand-by, rights that are gone, somebody who must have it alone. Whoever mends it needs no restart of ours.</summary>
/// <param name="kind">The kind of it, such as a SQLSTATE: what is told once.</param>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="innerException">What it came from, if anything.</param>
internal sealed class UsableLaterException(string kind, string message, Exception? innerException = null) : DispatchException(ErrorCode.RegistryUnavailable, message, innerException)
{
    public string Kind { get; } = kind;
}
