using Dispatch.Contracts.Errors;

namespace Dispatch.Cli;

/// <summary>Something the person at the prompt can put right: one clear text, and the exit code that goes with it.</summary>
internal class CliException(string message, int exitCode = ExitCodes.Usage, ErrorCode? code = null) : Exception(message)
{
    /// <summary>See <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>The catalogue's code, where it has one.</summary>
    public ErrorCode? Code { get; } = code;

    /// <summary>A spec that cannot be read at all.</summary>
    /// <param name="where">The file, or the option.</param>
    /// <param name="what">What is wrong, where in it, and the remedy.</param>
    public static CliException Spec(string where, string what) => new($"{where}: {what}", code: ErrorCode.InvalidJobSpec);
}
