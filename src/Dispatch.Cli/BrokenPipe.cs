namespace Dispatch.Cli;

/// <summary>Tells the end of our reader apart from other faults of writing.</summary>
internal static class BrokenPipe
{
    private const int Epipe = 32;

    /// <summary>Whether the exception says that nobody reads our output any more.</summary>
    public static bool Is(IOException e) => (e.HResult & 0xFFFF) == Epipe || e.Message.Contains("Broken pipe", StringComparison.Ordinal);
}
