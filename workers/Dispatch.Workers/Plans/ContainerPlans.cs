using System.Globalization;
using System.Text;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Runs;
using Dispatch.Runtimes;

namespace Dispatch.Workers.Plans;

/// <summary>Makes a container's plan from the job's spec. Nothing of the worker's own environment is in it.</summary>
internal static class ContainerPlans
{
    /// <summary>Where the outcome file is seen in a container.</summary>
    private const string OutcomeFolderInContainer = "/run/dispatch";

    /// <summary>The plan of one attempt.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="input">What the activity was given.</param>
    /// <param name="name">The container's name.</param>
    /// <param name="attemptDirectory">The attempt's own folder for the runtime.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="dataDirectoryId">The data directory's id.</param>
    /// <param name="imageDigest">Digest of the image that was fetched; null for a process.</param>
    internal static ContainerPlan Make(
        JobSpec spec, RunContainerInput input, string name, string attemptDirectory, WorkerId worker, string dataDirectoryId, string? imageDigest)
    {
        var isProcess = spec.Process.Count > 0;
        var environment = new Dictionary<string, string>(spec.Env, StringComparer.Ordinal)
        {
            ["DISPATCH_JOB"] = input.Job.Value,
            ["DISPATCH_ATTEMPT"] = input.Attempt.ToString(CultureInfo.InvariantCulture),
            ["DISPATCH_FENCE"] = input.Fence.ToString(CultureInfo.InvariantCulture),
        };
        List<ContainerMount> mounts = [.. spec.Mounts.Select(mount => new ContainerMount(mount.Source, mount.Target, mount.ReadOnly))];
        if (!isProcess)
        {
            environment["DISPATCH_OUTCOME"] = $"{OutcomeFolderInContainer}/{OutcomeMessage.FileName}";
            mounts.Add(new(OutcomeMessage.ContainerFolder(attemptDirectory), OutcomeFolderInContainer, ReadOnly: false));
        }

        return new()
        {
            Name = name,
            Labels = new Dictionary<string, string>
            {
                [ContainerLabels.Job] = input.Job.Value,
                [ContainerLabels.Conversation] = input.Conversation.Value,
                [ContainerLabels.Attempt] = input.Attempt.ToString(CultureInfo.InvariantCulture),
                [ContainerLabels.Lease] = input.Lease.Value,
                [ContainerLabels.Worker] = worker.Value,
                [ContainerLabels.DataDirectory] = dataDirectoryId,
            },
            Image = spec.Image,
            ImageDigest = imageDigest,
            Command = isProcess ? spec.Process : spec.Command,
            Arguments = isProcess ? [] : spec.Args,
            Environment = environment,
            WorkingDirectory = spec.WorkingDir,
            User = spec.User,
            Stdin = spec.Stdin is { } text ? Encoding.UTF8.GetBytes(text) : default,
            CpuCores = (double)spec.Resources.Cpu,
            MemoryBytes = input.MemoryBytes,
            PidsMax = spec.Resources.Pids,
            Network = spec.Network,
            ReadOnlyRoot = spec.ReadOnlyRoot,
            Capabilities = spec.Capabilities,
            Mounts = mounts,
            Tmpfs = spec.Tmpfs,
            AttemptDirectory = attemptDirectory,
        };
    }
}
