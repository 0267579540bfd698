namespace Dispatch.Cli;

/// <summary>A command line cut at its first <c>--</c>: what follows is the workload's, word for word.</summary>
/// <param name="Own">Our own words.</param>
/// <param name="Workload">The workload's argv, or null where there is no <c>--</c>.</param>
internal sealed record CommandLine(IReadOnlyList<string> Own, IReadOnlyList<string>? Workload)
{
    /// <summary>Cuts.</summary>
    public static CommandLine Split(string[] args)
    {
        var at = Array.IndexOf(args, "--");
        return at < 0 ? new(args, null) : new(args[..at], args[(at + 1)..]);
    }
}
