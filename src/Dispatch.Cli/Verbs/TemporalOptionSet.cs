using System.CommandLine;
using System.Globalization;
using System.Net;
using Dispatch.Cli.Roles;

namespace Dispatch.Cli.Verbs;

/// <summary>The options that say where Temporal is, the same for every role that speaks to it.</summary>
internal sealed class TemporalOptionSet
{
    private readonly Option<string> address = new Option<string>("--address")
    {
        Description = $"Address of Temporal, or of `dispatch engine` (also {EnvironmentNames.TemporalAddress})",
        DefaultValueFactory = result =>
        {
            var named = EnvironmentNames.Read(EnvironmentNames.TemporalAddress);
            if (named is not null && IsAddress(named) is { } complaint)
                result.AddError($"{EnvironmentNames.TemporalAddress} is '{named}'{complaint}");
            return named ?? $"127.0.0.1:{RoleOptions.TemporalPort}";
        },
    }.Checked(IsAddress);

    private readonly Option<string> name = new Option<string>("--namespace")
    {
        Description = $"Temporal's namespace (also {EnvironmentNames.TemporalNamespace})",
        DefaultValueFactory = _ => EnvironmentNames.Read(EnvironmentNames.TemporalNamespace) ?? "default",
    }.Checked(OptionChecks.Filled);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> Options => [address, name];

    /// <summary>What they say.</summary>
    public TemporalAddress Read(ParseResult parsed) => new(parsed.GetValue(address)!, parsed.GetValue(name)!);

    /// <summary>HOST:PORT; an IPv6 address stands in brackets.</summary>
    private static string? IsAddress(string text)
    {
        var colon = text.LastIndexOf(':');
        var known = colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= IPEndPoint.MaxPort
            && Uri.CheckHostName(text[..colon]) != UriHostNameType.Unknown && (text[0] == '[' || !text[..colon].Contains(':', StringComparison.Ordinal));
        return known ? null : $": write HOST:PORT, such as 127.0.0.1:{RoleOptions.TemporalPort}";
    }
}
