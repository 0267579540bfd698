using Dispatch.Contracts.Errors;

namespace Dispatch.Runtimes;

/// <summary>A runtime could not do what it was asked.</summary>
public sealed class RuntimeException : DispatchException
{
    /// <summary>Makes one.</summary>
    /// <param name="code">A code of the catalogue.</param>
    /// <param name="message">What failed, with the image, command, folder or user named.</param>
    /// <param name="innerException">The runtime's own error.</param>
    public RuntimeException(ErrorCode code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }

    /// <summary>True when the container was removed by somebody else: before its start, or so that nobody knows how it ended.</summary>
    public bool ContainerGone { get; init; }
}
