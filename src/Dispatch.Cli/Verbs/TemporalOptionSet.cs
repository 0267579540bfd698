using System.CommandLine;
using Dispatch.Cli.Roles;

namespace Dispatch.Cli.Verbs;

/// <summary>The options that say where Temporal is, the same for every role that speaks to it.</summary>
internal sealed class TemporalOptionSet
{
    private readonly Option<string> address = new("--address")
    {
        Description = $"Address of Temporal, or of `dispatch engine` (also {EnvironmentNames.TemporalAddress})",
        DefaultValueFactory = _ => EnvironmentNames.Read(EnvironmentNames.TemporalAddress) ?? $"127.0.0.1:{RoleOptions.TemporalPort}",
    };

    private readonly Option<string> name = new("--namespace")
    {
        Description = $"Temporal's namespace (also {EnvironmentNames.TemporalNamespace})",
        DefaultValueFactory = _ => EnvironmentNames.Read(EnvironmentNames.TemporalNamespace) ?? "default",
    };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> Options => [address, name];

    /// <summary>What they say.</summary>
    public TemporalAddress Read(ParseResult parsed) => new(parsed.GetValue(address)!, parsed.GetValue(name)!);
}
