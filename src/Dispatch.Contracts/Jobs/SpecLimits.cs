namespace Dispatch.Contracts.Jobs;

/// <summary>The limits of a job spec.</summary>
public static class SpecLimits
{
    /// <summary>Bytes of the whole document: 256 KiB.</summary>
    public const int DocumentBytes = 256 << 10;

    /// <summary>Bytes of UTF-8 on standard input: 64 KiB.</summary>
    public const int StdinBytes = 64 << 10;

    /// <summary>Bytes of one argument, or of one environment entry <c>NAME=value</c>: what Linux takes for one string, without its final NUL.</summary>
    public const int KernelStringBytes = 131_071;

    /// <summary>Characters of a job's id.</summary>
    public const int JobIdCharacters = 200;

    /// <summary>Characters of a display name, an owner, a label's value and a constraint's value.</summary>
    public const int TextCharacters = 256;

    /// <summary>Characters of a pool's name, a worker's id, a label's name and a unit's name.</summary>
    public const int NameCharacters = 100;

    /// <summary>Characters of an image's reference.</summary>
    public const int ImageCharacters = 512;

    /// <summary>Characters of a path.</summary>
    public const int PathCharacters = 4_000;

    /// <summary>Labels of one job.</summary>
    public const int Labels = 64;

    /// <summary>Bytes of all labels together, written as a JSON list of <c>key=value</c>: what one search attribute takes.</summary>
    public const int LabelsBytes = 2_000;

    /// <summary>Constraints, and preferences, of one job.</summary>
    public const int Constraints = 50;

    /// <summary>Values of one constraint.</summary>
    public const int ConstraintValues = 100;

    /// <summary>Mounts, and memory file systems, of one job.</summary>
    public const int Mounts = 50;

    /// <summary>Custom units of one job.</summary>
    public const int Units = 50;

    /// <summary>Bytes of any size: 1 PiB.</summary>
    public const long SizeBytes = 1L << 50;

    /// <summary>Cores.</summary>
    public const decimal Cpu = 1_024;

    /// <summary>The least part of a core.</summary>
    public const decimal CpuLeast = 0.001m;

    /// <summary>Devices.</summary>
    public const int Gpu = 1_024;

    /// <summary>Processes and threads: the most Linux counts.</summary>
    public const int Pids = 4_194_304;

    /// <summary>Any number of a custom unit.</summary>
    public const decimal UnitAmount = 1_000_000_000_000;

    /// <summary>Further attempts of one cause.</summary>
    public const int RetryMax = 49;

    /// <summary>A factor of a backoff or of memory.</summary>
    public const decimal Factor = 100;

    /// <summary>Errors that are told one by one; one more line counts the rest.</summary>
    public const int Errors = 100;

    /// <summary>Any deadline: 365 days.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromDays(365);

    /// <summary>The time between SIGTERM and SIGKILL: 1 hour.</summary>
    public static readonly TimeSpan StopGrace = TimeSpan.FromHours(1);

    /// <summary>A pause between attempts: 24 hours.</summary>
    public static readonly TimeSpan Backoff = TimeSpan.FromHours(24);
}
