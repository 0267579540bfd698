using System.Globalization;

namespace Dispatch.Contracts.Jobs;

/// <summary>What a pool allows a spec to ask: checked by the placer before anything is routed, and again by the worker. Secure by default.</summary>
public sealed record Admission
{
    /// <summary>Whether plain processes may run (<c>process</c>). Default no.</summary>
    public bool AllowProcess { get; init; }

    /// <summary>Whether images may run (<c>image</c>). Default yes.</summary>
    public bool AllowImage { get; init; } = true;

    /// <summary>Beginnings of image references that may run; empty is any.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>Capabilities that may be added, such as <c>NET_ADMIN</c>.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Host folders that may be mounted, with everything below them.</summary>
    public IReadOnlyList<string> Mounts { get; init; } = [];

    /// <summary>Whether <c>network: host</c> may be asked for. Default no.</summary>
    public bool AllowHostNetwork { get; init; }

    /// <summary>Most cores of one job; null is no limit.</summary>
    public decimal? CpuMax { get; init; }

    /// <summary>Most memory of one job, bytes; null is no limit.</summary>
    public long? MemoryBytesMax { get; init; }

    /// <summary>Compares a spec with what is allowed.</summary>
    /// <param name="spec">The spec.</param>
    /// <returns>All that is not allowed, each naming its field; empty where all is.</returns>
    public IReadOnlyList<SpecError> Check(JobSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var errors = new List<SpecError>();
        if (spec.Image is null && spec.Process.Count > 0 && !AllowProcess)
            errors.Add(new("process", spec.Process[0], "the pool does not allow plain processes; use an image, or a pool that allows them"));
        if (spec.Image is { } image) CheckImage(image, errors);
        for (var i = 0; i < spec.Capabilities.Count; i++)
        {
            if (!Capabilities.Contains(Bare(spec.Capabilities[i]), StringComparer.OrdinalIgnoreCase))
                errors.Add(new($"capabilities[{i}]", spec.Capabilities[i], $"the pool does not allow this capability; it allows {Listed(Capabilities)}"));
        }

        for (var i = 0; i < spec.Mounts.Count; i++)
        {
            if (!Mounts.Any(folder => IsBelow(folder, spec.Mounts[i].Source)))
                errors.Add(new($"mounts[{i}].source", spec.Mounts[i].Source, $"the pool does not allow this host folder; it allows {Listed(Mounts)}"));
        }

        if (string.Equals(spec.Network, "host", StringComparison.Ordinal) && !AllowHostNetwork)
            errors.Add(new("network", spec.Network, "the pool does not allow the host's network"));
        if (CpuMax is { } cpu && spec.Resources.Cpu > cpu)
            errors.Add(new("resources.cpu", spec.Resources.Cpu.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"the pool allows at most {cpu} cores a job")));
        if (MemoryBytesMax is { } memory && spec.Resources.MemoryBytes > memory)
            errors.Add(new("resources.memory", spec.Resources.MemoryBytes.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"the pool allows at most {memory} bytes a job")));
        return errors;
    }

    private static string Bare(string capability) =>
        capability.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? capability[4..] : capability;

    private static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);

    /// <summary>Whether a path is the folder or lies in it; a path that climbs (<c>..</c>) lies nowhere.</summary>
    private static bool IsBelow(string folder, string path)
    {
        if (path.Split('/').Contains("..")) return false;
        var root = folder.TrimEnd('/');
        return string.Equals(path.TrimEnd('/'), root, StringComparison.Ordinal) || path.StartsWith(root + "/", StringComparison.Ordinal);
    }

    private void CheckImage(string image, List<SpecError> errors)
    {
        if (!AllowImage) errors.Add(new("image", image, "the pool does not allow images; use process, or a pool that allows them"));
        else if (Images.Count > 0 && !Images.Any(start => image.StartsWith(start, StringComparison.Ordinal)))
            errors.Add(new("image", image, $"the pool does not allow this image; it allows those that begin with {Listed(Images)}"));
    }
}
