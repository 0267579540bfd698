using Grpc.Core;
using Temporalio.Api.ErrorDetails.V1;

namespace Dispatch.Engine.Frontend;

/// <summary>The version of the protocol's server that the engine behaves as, and a caller's demand for one.</summary>
internal static class ServerVersion
{
    public const string Text = "1.32.0";

    private static readonly Version Current = new(Text);

    /// <summary>Refuses a caller that supports other versions only. A demand that is no range of versions is none.</summary>
    /// <param name="range">Alternatives separated by <c>||</c>, each some comparisons that all must hold: <c>&gt;=1.0.0 &lt;2.0.0</c>.</param>
    /// <exception cref="EngineException">The caller doesn't support this version.</exception>
    public static void Check(string? range)
    {
        if (!string.IsNullOrWhiteSpace(range) && !range.Split("||").Any(All))
        {
            throw new EngineException(
                StatusCode.FailedPrecondition,
                $"Server version {Text} is not supported. Client supports server versions: {range}",
                new ServerVersionNotSupportedFailure { ServerVersion = Text, ClientSupportedServerVersions = range });
        }
    }

    private static bool All(string comparisons) =>
        comparisons.Split(' ', ',').Where(part => part.Length > 0).All(Holds);

    private static bool Holds(string comparison)
    {
        var digits = comparison.TrimStart('<', '>', '=', '!');
        if (!Version.TryParse(digits, out var version))
        {
            return true;
        }

        var order = Current.CompareTo(version);
        return comparison[..^digits.Length] switch
        {
            ">=" => order >= 0,
            ">" => order > 0,
            "<=" => order <= 0,
            "<" => order < 0,
            "!=" or "!" => order != 0,
            _ => order == 0,
        };
    }
}
