namespace Dispatch.Workers;

/// <summary>A worker cannot start as it is configured. The text is one clear sentence for whoever started it.</summary>
public sealed class WorkerStartException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What is wrong, the present value and what to change.</param>
    /// <param name="innerException">What it came from, if anything.</param>
    public WorkerStartException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
