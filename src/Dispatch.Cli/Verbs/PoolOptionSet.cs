using System.CommandLine;
using Dispatch.Contracts;
using Dispatch.Registry.Pools;
using Dispatch.Routing.Policies;

namespace Dispatch.Cli.Verbs;

/// <summary>The options of the pool, the same for <c>dev</c>, <c>workflows</c>, <c>server</c> and <c>configure</c>: a database records them, and all its processes must have the same.</summary>
internal sealed class PoolOptionSet
{
    private readonly Option<string> profile = new("--profile") { Description = "Times of the pool: fast, normal or patient", DefaultValueFactory = _ => TimeProfile.Normal.Name };
    private readonly Option<string> router = new("--router") { Description = "Routing policy of the pool", DefaultValueFactory = _ => RoutingPolicies.Default };
    private readonly Option<string[]> mounts = new("--allow-mount") { Description = "Folder of the host below which jobs may mount; none unless named" };
    private readonly Option<string[]> capabilities = new("--allow-capability") { Description = "Linux capability that jobs may add; none unless named" };
    private readonly Option<bool> hostNetwork = new("--allow-host-network") { Description = "Let jobs use the host's network" };
    private readonly Option<bool>? process;

    /// <summary>Makes the options.</summary>
    /// <param name="alwaysProcess">Whether plain processes may run without being asked for.</param>
    public PoolOptionSet(bool alwaysProcess)
    {
        profile.OneOf([TimeProfile.Fast.Name, TimeProfile.Normal.Name, TimeProfile.Patient.Name]);
        router.OneOf([.. RoutingPolicies.Names]);
        mounts.Checked(path => Path.IsPathRooted(path) ? null : ": write the absolute path of a folder");
        process = alwaysProcess ? null : new("--allow-process") { Description = "Let jobs run plain processes on the workers" };
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Option> Options => process is null ? [profile, router, mounts, capabilities, hostNetwork] : [profile, router, process, mounts, capabilities, hostNetwork];

    /// <summary>What they say.</summary>
    public PoolOptions Read(ParseResult parsed) => new()
    {
        Profile = TimeProfile.Named(parsed.GetValue(profile)!)!,
        Router = parsed.GetValue(router)!,
        Admission = new()
        {
            AllowProcess = process is null || parsed.GetValue(process),
            Mounts = parsed.GetValue(mounts) ?? [],
            Capabilities = parsed.GetValue(capabilities) ?? [],
            AllowHostNetwork = parsed.GetValue(hostNetwork),
        },
    };
}
