using System.Globalization;
using System.Net;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>Podman behind Docker's API, as it is from version 4.3 on.</summary>
internal sealed class PodmanDialect : EngineDialect
{
    /// <summary>The component by which Podman names itself in its version.</summary>
    public const string Component = "Podman Engine";

    /// <summary>The one instance.</summary>
    public static readonly PodmanDialect Instance = new();

    private PodmanDialect()
    {
    }

    /// <inheritdoc/>
    public override string Name => "podman";

    /// <inheritdoc/>
    public override string Product => "Podman";

    /// <summary>Attaching makes the container in the runtime below: an unknown user or a missing command is told there.</summary>
    public override bool AttachingPrepares => true;

    /// <summary>On cgroup version 1 the flag stays false, whoever was killed.</summary>
    public override bool ReportsOutOfMemory => false;

    /// <summary>Its API reads a long log line by line and takes minutes for what the file gives in a second.</summary>
    public override bool LogIsReadableFile => true;

    /// <summary>Its pieces are of another size, and each says whether a newline ended it.</summary>
    public override bool LeavesOutNewlines => false;

    /// <summary>Its event comes from a process of its own that cleans up, with the wait's answer or after it.</summary>
    public override bool TellsEndsEarly => false;

    /// <inheritdoc/>
    public override string ExactLog => "k8s-file";

    /// <summary>Faults of the caller come as 500 and 409, told apart by their words only.</summary>
    public override HttpStatusCode Status(HttpStatusCode status, string message)
    {
        if (Says(message, "that name is already in use"))
            return HttpStatusCode.Conflict;
        if (Says(message, "no such container") || Says(message, "no container with name or ID"))
            return HttpStatusCode.NotFound;
        if (status == HttpStatusCode.InternalServerError && (Says(message, "container state improper") || Says(message, "can only kill running containers")))
            return HttpStatusCode.Conflict;
        // What hinders the start shows when attaching, which prepares the container: with the words of the start, and another status.
        if (status == HttpStatusCode.Conflict && Says(message, "preparing container") && Says(message, "for attach:"))
            return HttpStatusCode.InternalServerError;
        return status;
    }

    /// <summary>Its look at a running container reads the cgroup of the process, and fails as a whole where that has ended in between.</summary>
    public override bool EndedWhileLookedAt(string message) => Says(message, "/proc/") && (Says(message, "no such process") || Says(message, "no such file or directory"));

    /// <summary>A container that somebody removed meanwhile is answered with 200, code 0 and an error beside it; one that never ran with code −1.</summary>
    public override (int? Code, bool Gone) Ended(ContainerWaitResponse answer)
    {
        if (answer.Error?.Message is { Length: > 0 } error)
            return (null, Says(error, "no such container"));
        return answer.StatusCode is >= 0 and <= 255 ? ((int)answer.StatusCode, false) : (null, true);
    }

    /// <summary>It kills, lets the end be seen, and removes then. Where that takes longer, the code is told and nothing of a removal.</summary>
    public override TimeSpan RemovalShowsWithin => TimeSpan.FromSeconds(1);

    /// <summary>The id it tells is made anew for each answer; what stays is the host and the folder of its state.</summary>
    public override string EngineId(SystemInfoResponse info) => $"podman:{info.Name}:{info.DockerRootDir}";

    /// <summary>It does not tell; it refuses the container where there is none.</summary>
    public override bool HasInit(SystemInfoResponse info) => true;

    /// <summary>With an init process that one is shown as what is executed, and the command after a <c>--</c>.</summary>
    public override string Command(ContainerInspectResponse shown) =>
        shown.HostConfig?.Init == true && shown.Args?.FirstOrDefault() == "--" ? shown.Args.Skip(1).FirstOrDefault() ?? "" : base.Command(shown);

    /// <summary>Its service reads the logins of the user that it runs as.</summary>
    public override string Login(string registry, string image) => $"`podman login {registry}` on each worker's host, as the user whose Podman the worker uses";

    /// <inheritdoc/>
    public override string InitBinary => "catatonit";

    /// <inheritdoc/>
    public override bool LacksInit(string message) => Says(message, "container-init binary not found");

    /// <summary>Its file keeps bytes as they are, each line or part of one with its time and stream. There is one file: beyond its size it begins anew.</summary>
    public override LogConfig Log(bool exact, long fileBytesMax) => new()
    {
        Type = ExactLog,
        Config = new Dictionary<string, string> { ["max-size"] = fileBytesMax.ToString(CultureInfo.InvariantCulture) },
    };

    /// <summary>It tells the same whether or not anything was fetched.</summary>
    public override bool TellsUpToDate => false;

    /// <summary>What was built or imported on the host has the registry <c>localhost</c> in its name; a name without a registry means Docker's hub first.</summary>
    public override IEnumerable<string> LocalNames(ImageReference reference) => reference.HasRegistry ? [reference.Name] : [reference.Name, $"localhost/{reference.Name}"];

    /// <summary>It takes more cores than there are, and makes the source of a mount that is not there.</summary>
    public override RuntimeException? Broken(ContainerPlan plan, EngineFacts facts)
    {
        if (facts.Cores is > 0 and var cores && plan.CpuCores > cores)
            return StartErrors.Failed(FormattableString.Invariant($"Limit resources.cpu is {plan.CpuCores}; this host has {cores} cores"), null);
        var missing = facts.IsLocal ? plan.Mounts.FirstOrDefault(mount => !Path.Exists(mount.Source)) : null;
        return missing is null ? null : StartErrors.Failed($"Source {missing.Source} of the mount at {missing.Target} does not exist on the host", null);
    }

    private static bool Says(string message, string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
}
