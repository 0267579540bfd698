using System.CommandLine;
using System.Globalization;
using Dispatch.Cli.Roles;
using Dispatch.Contracts.Jobs;
using Dispatch.Workers;

namespace Dispatch.Cli.Verbs;

/// <summary>The options of a worker, the same for <c>dev</c> and <c>worker</c>.</summary>
internal sealed class WorkerOptionSet
{
    private static readonly string[] RuntimeNames = ["docker", "process"];
    private readonly Option<string?> pool = new("--pool") { Description = "The pool (default)" };
    private readonly Option<int?> slots;
    private readonly Option<string?> cpu = new("--cpu") { Description = "Cores to declare (the machine's)" };
    private readonly Option<string?> memory = new("--memory") { Description = "Memory to declare, such as 8Gi (the machine's)" };
    private readonly Option<string[]> units = new("--unit") { Description = "Custom unit NAME=NUMBER, as often as needed" };
    private readonly Option<string[]> labels = new("--label") { Description = "NAME=VALUE, as often as needed" };
    private readonly Option<string> runtimes = new("--runtimes") { Description = "auto: those that are found; or docker, process, or docker,process: those must be there", DefaultValueFactory = _ => "auto" };
    private readonly Option<string?> docker = DockerSocket();
    private readonly Option<string> onStop;
    private readonly int? defaultSlots;

    /// <summary>Makes the options.</summary>
    /// <param name="defaultSlots">Slots where none are given; null declares none, which is one.</param>
    public WorkerOptionSet(int? defaultSlots)
    {
        this.defaultSlots = defaultSlots;
        slots = new("--slots") { Description = $"Most jobs at once ({defaultSlots ?? 1})" };
        var value = defaultSlots is null ? "leave" : "stop";
        onStop = new("--on-stop") { Description = $"What becomes of running jobs when the worker ends in order: leave, stop or drain ({value})", DefaultValueFactory = _ => value };
        onStop.AcceptOnlyFromAmong("leave", "stop", "drain");
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Option> Options => [pool, slots, cpu, memory, units, labels, runtimes, docker, onStop];

    /// <summary>Where Docker listens.</summary>
    public static Option<string?> DockerSocket() => new("--docker") { Description = "Address of the Docker daemon, such as unix:///var/run/docker.sock (DOCKER_HOST, or that socket)" };

    /// <summary>What they say.</summary>
    public WorkerSettings Read(ParseResult parsed, string id, string data)
    {
        var machine = MachineCapacity.Of(parsed.GetValue(slots) ?? defaultSlots);
        return new()
        {
            Id = id,
            Data = Path.GetFullPath(data),
            Pool = parsed.GetValue(pool) ?? "default",
            Capacity = machine with
            {
                Cpu = parsed.GetValue(cpu) is { } cores ? Number("--cpu", cores) : machine.Cpu,
                MemoryBytes = parsed.GetValue(memory) is { } size ? Size(size) : machine.MemoryBytes,
                Units = Pairs("--unit", parsed.GetValue(units)).ToDictionary(unit => unit.Key, unit => Number("--unit " + unit.Key, unit.Value)),
            },
            Labels = Pairs("--label", parsed.GetValue(labels)),
            Runtimes = Runtimes(parsed.GetValue(runtimes)!),
            DockerSocket = Address(parsed.GetValue(docker)),
            Shutdown = parsed.GetValue(onStop) switch { "stop" => ShutdownMode.Stop, "drain" => ShutdownMode.Drain, _ => ShutdownMode.LeaveRunning },
        };
    }

    private static string[] Runtimes(string text)
    {
        if (text == "auto")
            return [];
        var names = text.Split(',');
        return names.Except(RuntimeNames).FirstOrDefault() is { } unknown
            ? throw new CliException($"--runtimes is '{text}': '{unknown}' is none; write auto, docker, process, or docker,process")
            : names;
    }

    private static string? Address(string? text) => text is null || Uri.TryCreate(text, UriKind.Absolute, out _)
        ? text
        : throw new CliException($"--docker is '{text}': write an address such as unix:///var/run/docker.sock");

    private static decimal Number(string option, string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new CliException($"{option} is '{text}': write a number above 0");

    private static long Size(string text) => SizeText.TryParse(text, out var bytes) && bytes > 0
        ? bytes
        : throw new CliException($"--memory is '{text}': write a size such as 512Mi or 8Gi");

    private static Dictionary<string, string> Pairs(string option, string[]? pairs)
    {
        var read = new Dictionary<string, string>();
        foreach (var pair in pairs ?? [])
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
                throw new CliException($"{option} is '{pair}': write NAME=VALUE");
            read[pair[..at]] = pair[(at + 1)..];
        }

        return read;
    }
}
