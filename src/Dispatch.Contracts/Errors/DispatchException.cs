namespace Dispatch.Contracts.Errors;

/// <summary>The root of every exception that Dispatch throws on purpose.</summary>
public class DispatchException : Exception
{
    /// <summary>Makes an exception of one catalogue code.</summary>
    /// <param name="code">The catalogue's code.</param>
    /// <param name="message">What happened to which id, the present value, and what the reader can change.</param>
    /// <param name="innerException">What it came from, if anything.</param>
    public DispatchException(ErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>The catalogue's code.</summary>
    public ErrorCode Code { get; }

    /// <summary>Whether the same call may succeed later without any change.</summary>
    public virtual bool IsTransient => ErrorCatalogue.Of(Code).Retryable;
}
