using System.CommandLine;
using Dispatch.Cli.Roles;

namespace Dispatch.Cli.Verbs;

/// <summary>The options that say where Temporal is, the same for every role that speaks to it.</summary>
internal sealed class TemporalOptionSet
{
    private readonly Option<string> address = new Option<string>("--address")
    {
        Description = $"Address of Temporal, or of `dispatch engine` (also {EnvironmentNames.TemporalAddress})",
        DefaultValueFactory = _ => EnvironmentNames.Read(EnvironmentNames.TemporalAddress) ?? $"127.0.0.1:{RoleOptions.TemporalPort}",
    }.Checked(OptionChecks.Filled);

    private readonly Option<string> name = new Option<string>("--namespace")
    {
        Description = $"Temporal's namespace (also {EnvironmentNames.TemporalNamespace})",
        DefaultValueFactory = _ => EnvironmentNames.Read(EnvironmentNames.TemporalNamespace) ?? "default",
    }.Checked(OptionChecks.Filled);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> Options => [address, name];

    /// <summary>What they say.</summary>
    public TemporalAddress Read(ParseResult parsed) => new(parsed.GetValue(address)!, parsed.GetValue(name)!);
}
