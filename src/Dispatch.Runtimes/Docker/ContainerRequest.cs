using System.Globalization;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>Turns a plan into the engine's words. Nothing is left to the engine's own defaults that a job could be surprised by.</summary>
internal static class ContainerRequest
{
    /// <summary>The secure default, the same on every engine: enough for images that start as root and hand over to a user, nothing that reaches the host or the network's frames.</summary>
    public static readonly IReadOnlyList<string> DefaultCapabilities =
        ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"];

    public static CreateContainerParameters From(ContainerPlan plan, string imageId, EngineFacts facts, DockerRuntimeOptions options) => new()
    {
        Name = plan.Name,
        Image = imageId,
        Labels = new Dictionary<string, string>(plan.Labels),
        // Null leaves the image's own; the client sends nothing for it.
        Entrypoint = plan.Command.Count > 0 ? [.. plan.Command] : null!,
        Cmd = plan.Arguments.Count > 0 ? [.. plan.Arguments] : null!,
        Env = [.. plan.Environment.Select(pair => $"{pair.Key}={pair.Value}")],
        WorkingDir = plan.WorkingDirectory!,
        User = plan.User!,
        // Without input the engine gives the null device: end of file at once.
        OpenStdin = !plan.Stdin.IsEmpty,
        StdinOnce = !plan.Stdin.IsEmpty,
        AttachStdin = !plan.Stdin.IsEmpty,
        AttachStdout = true,
        AttachStderr = true,
        // An image's own health check tells a job nothing and costs a process every few seconds.
        Healthcheck = new HealthcheckConfig { Test = ["NONE"] },
        HostConfig = Host(plan, facts, options),
    };

    private static HostConfig Host(ContainerPlan plan, EngineFacts facts, DockerRuntimeOptions options) => new()
    {
        // The container is removed only after its exit and its output were read.
        AutoRemove = false,
        Init = facts.HasInit,
        Memory = plan.MemoryBytes,
        // Equal to memory: no swap beyond it. The engine's default would double the limit.
        MemorySwap = plan.MemoryBytes,
        NanoCPUs = (long)Math.Round(plan.CpuCores * 1e9),
        PidsLimit = plan.PidsMax,
        CapDrop = ["ALL"],
        CapAdd = [.. DefaultCapabilities.Union(plan.Capabilities, StringComparer.OrdinalIgnoreCase)],
        SecurityOpt = ["no-new-privileges"],
        IpcMode = "private",
        ReadonlyRootfs = plan.ReadOnlyRoot,
        NetworkMode = plan.Network ?? facts.DefaultNetwork,
        // As mounts, not binds: a source that is missing is an error instead of a new folder on the host.
        Mounts = [.. plan.Mounts.Select(mount => new Mount { Type = "bind", Source = mount.Source, Target = mount.Target, ReadOnly = mount.ReadOnly })],
        Tmpfs = plan.Tmpfs.ToDictionary(pair => pair.Key, pair => string.Create(CultureInfo.InvariantCulture, $"rw,size={pair.Value},mode=1777")),
        LogConfig = facts.Dialect.Log(facts.HasExactLog, options.EngineLogFileBytesMax),
    };
}
