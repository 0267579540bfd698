namespace Dispatch.Runtimes;

/// <summary>A sink does not take more output now, because its disk does not. Whoever captures tries again while the output is still there, and counts what is lost in the end.</summary>
public sealed class OutputRefusedException : IOException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What the disk said.</param>
    /// <param name="innerException">The disk's own error, if it gave one.</param>
    public OutputRefusedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
