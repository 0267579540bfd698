using Dispatch.Contracts.Errors;

namespace Dispatch.Logs;

/// <summary>The disk below the log store failed. The same call may succeed once there is room again: nothing that was taken is lost.</summary>
public sealed class LogStoreException : DispatchException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Which folder, what failed, and what to do.</param>
    /// <param name="innerException">The system's own error.</param>
    public LogStoreException(string message, Exception innerException)
        : base(ErrorCode.InternalError, message, innerException)
    {
    }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
