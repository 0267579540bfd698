namespace Dispatch.Runtimes.Process;

/// <summary>A container that the process runtime made. Before its start it is known to its maker alone: what a worker that dies has made and not started is never started.</summary>
internal sealed record ProcessRecord
{
    internal required string Name { get; init; }

    internal required string AttemptDirectory { get; init; }

    internal required IReadOnlyDictionary<string, string> Labels { get; init; }

    internal required string[] Arguments { get; init; }

    internal required IReadOnlyDictionary<string, string> Environment { get; init; }

    internal string? WorkingDirectory { get; init; }

    internal string? User { get; init; }

    internal required long MemoryBytes { get; init; }

    internal required int PidsMax { get; init; }

    internal required double CpuCores { get; init; }

    internal GuardedPlace Place => new(ProcessLayout.Folder(AttemptDirectory), Labels);

    internal static ProcessRecord Of(ContainerPlan plan) => new()
    {
        Name = plan.Name,
        AttemptDirectory = Path.GetFullPath(plan.AttemptDirectory),
        Labels = plan.Labels,
        Arguments = [.. plan.Command, .. plan.Arguments],
        Environment = plan.Environment,
        WorkingDirectory = plan.WorkingDirectory,
        User = plan.User,
        MemoryBytes = plan.MemoryBytes,
        PidsMax = plan.PidsMax,
        CpuCores = plan.CpuCores,
    };
}
