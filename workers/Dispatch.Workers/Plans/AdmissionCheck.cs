using Dispatch.Contracts.Jobs;

namespace Dispatch.Workers.Plans;

/// <summary>The worker's own look at what a spec asks; the placer's was before it. Here, on the host, links in mounts are followed too.</summary>
internal static class AdmissionCheck
{
    /// <summary>Why the worker does not run the spec, or null where it does.</summary>
    internal static string? Refusal(JobSpec spec, IReadOnlyList<Admission> admissions)
    {
        var errors = admissions.SelectMany(admission => admission.Check(spec)).Select(error => $"{error.Field}: {error.Message}")
            .Concat(from admission in admissions
                    from mount in spec.Mounts
                    where !admission.Mounts.Any(folder => IsBelow(Real(mount.Source), Real(folder)))
                    select $"mounts: '{mount.Source}' leads out of the host folders that are allowed")
            .Distinct()
            .ToArray();
        return errors.Length == 0 ? null : string.Join("; ", errors) + ".";
    }

    private static bool IsBelow(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith('/') ? folder : folder + "/", StringComparison.Ordinal);

    /// <summary>A path with every link in it followed.</summary>
    private static string Real(string path)
    {
        var real = "/";
        foreach (var part in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            real = new DirectoryInfo(next).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? next;
        }

        return real;
    }
}
