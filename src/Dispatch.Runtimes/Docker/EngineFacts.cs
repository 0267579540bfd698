using Docker.DotNet;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>What the engine on this host is and can do.</summary>
/// <param name="EngineId">The engine's own stable id.</param>
/// <param name="Version">Its version.</param>
/// <param name="Platform">Such as <c>linux/amd64</c>.</param>
/// <param name="HasInit">Whether it can put an init process into containers.</param>
/// <param name="HasBridge">Whether there is a bridge network to join.</param>
/// <param name="HasLocalLog">Whether it has the log driver that keeps bytes as they are.</param>
internal sealed record EngineFacts(string EngineId, string Version, string Platform, bool HasInit, bool HasBridge, bool HasLocalLog)
{
    public string DefaultNetwork => HasBridge ? "bridge" : "none";

    public IReadOnlyList<string> Remarks
    {
        get
        {
            var remarks = new List<string>();
            if (!HasInit)
                remarks.Add("The engine has no init binary (docker-init): containers run without one, orphans are not reaped and a shell as main process ignores SIGTERM.");
            if (!HasBridge)
                remarks.Add("The engine has no bridge network: containers have no network unless they ask for the host's.");
            if (!HasLocalLog)
                remarks.Add("The engine has no 'local' log driver: after a restart of the worker, output that is not UTF-8 is not carried on exactly.");
            return remarks;
        }
    }

    public static async Task<EngineFacts> AskAsync(EngineConnection engine, CancellationToken cancellationToken)
    {
        const string what = "describe itself";
        try
        {
            var version = await engine.AskAsync(what, token => engine.Client.System.GetVersionAsync(token), cancellationToken).ConfigureAwait(false);
            var info = await engine.AskAsync(what, token => engine.Client.System.GetSystemInfoAsync(token), cancellationToken).ConfigureAwait(false);
            var networks = await engine.AskAsync(what, token => engine.Client.Networks.ListNetworksAsync(null, token), cancellationToken).ConfigureAwait(false);
            return From(version, info, networks);
        }
        catch (DockerApiException error)
        {
            throw engine.Refused(what, error);
        }
    }

    public static EngineFacts From(VersionResponse version, SystemInfoResponse info, IEnumerable<NetworkResponse> networks) => new(
        info.ID,
        version.Version,
        $"{version.Os}/{version.Arch}",
        // The engine runs its init binary once to learn its version and says N/A where that failed.
        HasInit: !string.IsNullOrEmpty(info.InitBinary) && info.InitCommit?.ID != "N/A",
        HasBridge: networks.Any(network => network.Name == "bridge"),
        HasLocalLog: info.Plugins?.Log?.Contains("local") == true);
}
