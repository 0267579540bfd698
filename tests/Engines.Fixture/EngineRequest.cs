using System.Text.RegularExpressions;

namespace Engines.Fixture;

/// <summary>One request to a container engine.</summary>
/// <param name="name">Method and path, names and ids left out.</param>
/// <param name="upgrades">Whether the connection becomes a stream: its answer is its first byte.</param>
public sealed partial class EngineRequest(string name, bool upgrades)
{
    /// <summary>Bytes of a request that are looked at.</summary>
    internal const int LineBytesMax = 1024;

    private long _answeredTicks;

    /// <summary>Method and path, such as <c>POST /containers/…/start</c>.</summary>
    public string Name => name;

    /// <summary>When its first byte came.</summary>
    public DateTimeOffset AskedAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>When the last byte of its answer came; null where none has.</summary>
    public DateTimeOffset? AnsweredAt => Interlocked.Read(ref _answeredTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    internal bool Upgrades => upgrades;

    internal static EngineRequest Read(string head)
    {
        var parts = head.Split('\r', 2)[0].Split(' ');
        var path = parts.Length > 1 ? parts[1].Split('?')[0] : "";
        return new(parts[0] + " " + Named().Replace(Version().Replace(path, ""), "/${what}/…"), path.EndsWith("/attach", StringComparison.Ordinal));
    }

    internal void Answer()
    {
        if (!upgrades || AnsweredAt is null)
            Interlocked.Exchange(ref _answeredTicks, DateTimeOffset.UtcNow.UtcTicks);
    }

    [GeneratedRegex(@"^/v\d+\.\d+")]
    private static partial Regex Version();

    [GeneratedRegex("/(?<what>containers)/(?!create|json)[^/]+|/(?<what>images)/(?!create|json).+(?=/json)")]
    private static partial Regex Named();
}
