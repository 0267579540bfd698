namespace Dispatch.Cli;

/// <summary>Something the person at the prompt can put right: one clear text, and the exit code that goes with it.</summary>
internal sealed class CliException(string message, int exitCode = ExitCodes.Usage) : Exception(message)
{
    /// <summary>See <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
