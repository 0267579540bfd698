namespace Dispatch.Engine;

/// <summary>The engine could not start: an option is out of range, or its address or port cannot be had.</summary>
public sealed class EngineStartException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, the value it has, and what can be changed.</param>
    /// <param name="innerException">The failure beneath, if there was one.</param>
    public EngineStartException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
