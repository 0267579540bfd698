namespace Dispatch.Conformance;

/// <summary>Scenarios that are known to fail, each with its reason.</summary>
internal sealed class KnownFailures
{
    private readonly Dictionary<string, string> reasons;

    private KnownFailures(Dictionary<string, string> reasons) => this.reasons = reasons;

    public static KnownFailures None { get; } = new([]);

    public string? Reason(string scenario) => reasons.GetValueOrDefault(scenario);

    /// <summary>Reads lines of a name, blanks and a reason; empty lines and lines that begin with # say nothing.</summary>
    public static KnownFailures Read(string file) => new(
        File.ReadLines(file)
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split((char[]?)null, 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(parts => parts[0], parts => parts.Length > 1 ? parts[1] : "no reason given"));
}
