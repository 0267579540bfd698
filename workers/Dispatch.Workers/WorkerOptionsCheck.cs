namespace Dispatch.Workers;

/// <summary>Says what is wrong with a worker's options.</summary>
public static class WorkerOptionsCheck
{
    private const int IdCharactersMax = 100;
    private const int LabelsMax = 64;
    private const int LabelNameCharactersMax = 63;
    private const int LabelValueCharactersMax = 256;
    private const long CaptureBytesLeast = 1L << 20;
    private const long CaptureBytesMost = 1L << 40;

    private static readonly TimeSpan DrainLimitMost = TimeSpan.FromDays(30);
    private static readonly TimeSpan ShutdownLimitLeast = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShutdownLimitMost = TimeSpan.FromHours(1);

    /// <summary>All that is wrong, one sentence each; empty where nothing is.</summary>
    /// <param name="options">The options.</param>
    /// <returns>The sentences.</returns>
    public static IReadOnlyList<string> Check(WorkerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. Errors(options)];
    }

    private static IEnumerable<string> Errors(WorkerOptions options)
    {
        var id = options.Id.Value ?? string.Empty;
        if (id.Length is 0 or > IdCharactersMax || !id.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_'))
        {
            yield return $"The worker id '{id}' must have 1 to {IdCharactersMax} letters, digits, dots, dashes or underscores.";
        }

        if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            yield return "The data directory is missing: name one with --data.";
        }

        if (string.IsNullOrWhiteSpace(options.Pool))
        {
            yield return "The pool's name is empty: name one with --pool, or leave the option out for 'default'.";
        }

        if (options.TemporalClient is null && !IsAddress(options.TemporalAddress))
        {
            yield return $"The Temporal address '{options.TemporalAddress}' must be HOST:PORT, such as 127.0.0.1:7233.";
        }

        if (options.TemporalClient is null && string.IsNullOrWhiteSpace(options.TemporalNamespace))
        {
            yield return "The Temporal namespace is empty.";
        }

        if (options.Runtimes.Count == 0)
        {
            yield return "No runtime is allowed: allow docker, podman or process.";
        }

        foreach (var error in CapacityErrors(options).Concat(LabelErrors(options)).Concat(LimitErrors(options)))
        {
            yield return error;
        }
    }

    private static IEnumerable<string> CapacityErrors(WorkerOptions options)
    {
        var capacity = options.Capacity;
        if (capacity.Slots is < 1)
        {
            yield return $"The number of slots is {capacity.Slots}; it must be at least 1.";
        }

        if (capacity.Cpu <= 0)
        {
            yield return $"The cores are {capacity.Cpu}; they must be more than 0.";
        }

        if (capacity.MemoryBytes <= 0)
        {
            yield return $"The memory is {capacity.MemoryBytes} bytes; it must be more than 0.";
        }

        if (capacity.Gpu < 0)
        {
            yield return $"The number of GPUs is {capacity.Gpu}; it must not be negative.";
        }

        if (capacity.DiskBytes is < 0)
        {
            yield return $"The disk is {capacity.DiskBytes} bytes; it must not be negative.";
        }

        foreach (var (name, units) in capacity.Units.Where(unit => unit.Value < 0 || unit.Key.Length == 0))
        {
            yield return $"The unit '{name}' is {units}; a unit has a name and is not negative.";
        }
    }

    private static IEnumerable<string> LabelErrors(WorkerOptions options)
    {
        if (options.Labels.Count > LabelsMax)
        {
            yield return $"There are {options.Labels.Count} labels; at most {LabelsMax} are allowed.";
        }

        foreach (var (name, value) in options.Labels)
        {
            if (name.Length is 0 or > LabelNameCharactersMax || value.Length > LabelValueCharactersMax)
            {
                yield return $"The label '{name}' must have a name of 1 to {LabelNameCharactersMax} characters and a value of at most {LabelValueCharactersMax}.";
            }
        }
    }

    private static IEnumerable<string> LimitErrors(WorkerOptions options)
    {
        if (options.DrainLimit < TimeSpan.Zero || options.DrainLimit > DrainLimitMost)
        {
            yield return $"The drain limit is {options.DrainLimit}; it must be between 0 and {DrainLimitMost.TotalDays:0} days.";
        }

        if (options.ShutdownLimit < ShutdownLimitLeast || options.ShutdownLimit > ShutdownLimitMost)
        {
            yield return $"The shutdown limit is {options.ShutdownLimit}; it must be between 1 s and 1 h.";
        }

        if (options.CaptureBytesMax is < CaptureBytesLeast or > CaptureBytesMost)
        {
            yield return $"The captured bytes are limited to {options.CaptureBytesMax}; the limit must be between 1 MiB and 1 TiB.";
        }
    }

    private static bool IsAddress(string? address)
    {
        var colon = address?.LastIndexOf(':') ?? -1;
        return colon > 0 && int.TryParse(address.AsSpan(colon + 1), out var port) && port is > 0 and <= 65535;
    }
}
