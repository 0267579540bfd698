using Docker.DotNet;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>What the engine on this host is and can do.</summary>
/// <param name="EngineId">The engine's own stable id.</param>
/// <param name="Version">Its version.</param>
/// <param name="Platform">Such as <c>linux/amd64</c>.</param>
/// <param name="HasInit">Whether it can put an init process into containers.</param>
/// <param name="HasBridge">Whether there is a bridge network to join.</param>
/// <param name="HasExactLog">Whether it has the log driver that keeps bytes as they are.</param>
internal sealed record EngineFacts(string EngineId, string Version, string Platform, bool HasInit, bool HasBridge, bool HasExactLog)
{
    /// <summary>How it differs from Docker.</summary>
    public EngineDialect Dialect { get; init; } = EngineDialect.Docker;

    /// <summary>The host's cores; 0 where it does not tell.</summary>
    public int Cores { get; init; }

    /// <summary>Whether it is on this host.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The folder of its state, where it may be on this host and cannot be looked into.</summary>
    public string? ClosedFolder { get; init; }

    public string DefaultNetwork => HasBridge ? "bridge" : "none";

    public IReadOnlyList<string> Remarks
    {
        get
        {
            var remarks = new List<string>();
            if (!HasInit)
                remarks.Add($"The engine has no init binary ({Dialect.InitBinary}): containers run without one, orphans are not reaped and a shell as main process ignores SIGTERM.");
            if (!HasBridge)
                remarks.Add("The engine has no bridge network: containers have no network unless they ask for the host's.");
            if (!HasExactLog)
                remarks.Add($"The engine has no '{Dialect.ExactLog}' log driver: after a restart of the worker, output that is not UTF-8 is not carried on exactly.");
            if (ClosedFolder is not null)
                remarks.Add(
                    $"The engine's files below {ClosedFolder} cannot be read from here: after a restart of the worker, output is carried on through its API, which is slow for long output. "
                    + "Run the worker on the engine's host, as a user who may read them.");
            return remarks;
        }
    }

    public static async Task<EngineFacts> AskAsync(EngineConnection engine, EngineFacts? before, CancellationToken cancellationToken)
    {
        const string what = "describe itself";
        try
        {
            await engine.LearnDialectAsync(cancellationToken).ConfigureAwait(false);
            var version = await engine.AskAsync(what, token => engine.Client.System.GetVersionAsync(token), cancellationToken, engine.DescribeTimeout).ConfigureAwait(false);
            var info = await engine.AskAsync(what, token => engine.Client.System.GetSystemInfoAsync(token), cancellationToken, engine.DescribeTimeout).ConfigureAwait(false);
            var networks = await engine.AskAsync(what, token => engine.Client.Networks.ListNetworksAsync(null, token), cancellationToken).ConfigureAwait(false);
            var facts = From(version, info, networks, engine.IsLocal);
            // An engine that does not tell beforehand was found to have no init binary.
            return before is { HasInit: false } && before.EngineId == facts.EngineId ? facts with { HasInit = false } : facts;
        }
        catch (DockerApiException error)
        {
            throw engine.Refused(what, error);
        }
    }

    public static EngineFacts From(VersionResponse version, SystemInfoResponse info, IEnumerable<NetworkResponse> networks, bool isLocal)
    {
        var dialect = EngineDialect.Of(version);
        return new(
            dialect.EngineId(info),
            version.Version,
            $"{version.Os}/{version.Arch}",
            HasInit: dialect.HasInit(info),
            HasBridge: networks.Any(network => network.Name == "bridge"),
            HasExactLog: info.Plugins?.Log?.Contains(dialect.ExactLog) == true)
        {
            Dialect = dialect,
            Cores = (int)info.NCPU,
            IsLocal = isLocal,
            ClosedFolder = dialect.LogIsReadableFile && !(isLocal && Directory.Exists(info.DockerRootDir)) ? info.DockerRootDir : null,
        };
    }
}
