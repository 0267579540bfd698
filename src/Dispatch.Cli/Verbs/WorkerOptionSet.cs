using System.CommandLine;
using System.Globalization;
using Dispatch.Cli.Roles;
using Dispatch.Contracts.Jobs;
using Dispatch.Workers;

namespace Dispatch.Cli.Verbs;

/// <summary>The options of a worker, the same for <c>dev</c> and <c>worker</c>.</summary>
internal sealed class WorkerOptionSet
{
    private const string Auto = "auto";
    private static readonly string[] RuntimeNames = ["docker", "podman", "process"];
    private readonly Option<string?> pool = new Option<string?>("--pool") { Description = "The pool (default)" }.Checked(OptionChecks.Filled);
    private readonly Option<int?> slots;
    private readonly Option<string?> cpu = new Option<string?>("--cpu") { Description = "Cores to declare (the machine's)" }.Checked(IsNumber);
    private readonly Option<string?> memory = new Option<string?>("--memory") { Description = "Memory to declare, such as 8Gi (the machine's)" }.Checked(IsSize);
    private readonly Option<string[]> units = new Option<string[]>("--unit") { Description = "Custom unit NAME=NUMBER, as often as needed" }.Checked(IsUnit);
    private readonly Option<string[]> labels = new Option<string[]>("--label") { Description = "NAME=VALUE, as often as needed" }.Checked(OptionChecks.Pair);
    private readonly Option<string> runtimes = new Option<string>("--runtimes") { Description = "auto: those that are found; or some of docker, podman, process with commas between: those must be there", DefaultValueFactory = _ => Auto }.Checked(AreRuntimes);
    private readonly Option<string?> docker = DockerSocket();
    private readonly Option<string> onStop;
    private readonly int? defaultSlots;

    /// <summary>Makes the options.</summary>
    /// <param name="defaultSlots">Slots where none are given; null declares none, which is one.</param>
    public WorkerOptionSet(int? defaultSlots)
    {
        this.defaultSlots = defaultSlots;
        slots = new Option<int?>("--slots") { Description = $"Most jobs at once ({defaultSlots ?? 1})" }.Checked(OptionChecks.Whole(1));
        var value = defaultSlots is null ? "leave" : "stop";
        onStop = new Option<string>("--on-stop") { Description = $"What becomes of running jobs when the worker ends in order: leave, stop or drain ({value})", DefaultValueFactory = _ => value }
            .OneOf(["leave", "stop", "drain"]);
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Option> Options => [pool, slots, cpu, memory, units, labels, runtimes, docker, onStop];

    /// <summary>Where Docker or Podman listens.</summary>
    public static Option<string?> DockerSocket() => new Option<string?>("--docker") { Description = "Address of Docker or Podman, such as unix:///run/podman/podman.sock (DOCKER_HOST, else the first that answers of /var/run/docker.sock, /run/podman/podman.sock, $XDG_RUNTIME_DIR/podman/podman.sock)" }.Checked(IsAddress);

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
                Cpu = parsed.GetValue(cpu) is { } cores ? Number(cores) : machine.Cpu,
                MemoryBytes = parsed.GetValue(memory) is { } size && SizeText.TryParse(size, out var bytes) ? bytes : machine.MemoryBytes,
                Units = Pairs(parsed.GetValue(units)).ToDictionary(unit => unit.Key, unit => Number(unit.Value)),
            },
            Labels = Pairs(parsed.GetValue(labels)),
            Runtimes = parsed.GetValue(runtimes) is { } names and not Auto ? names.Split(',') : [],
            DockerSocket = parsed.GetValue(docker),
            Shutdown = parsed.GetValue(onStop) switch { "stop" => ShutdownMode.Stop, "drain" => ShutdownMode.Drain, _ => ShutdownMode.LeaveRunning },
        };
    }

    private static string? AreRuntimes(string text) => text != Auto && text.Split(',').Except(RuntimeNames).FirstOrDefault() is { } unknown
        ? $": '{unknown}' is none; write auto, or some of docker, podman, process with commas between"
        : null;

    private static string? IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out _) ? null : ": write an address such as unix:///var/run/docker.sock";

    private static string? IsNumber(string text) => Number(text) > 0 ? null : ": write a number above 0";

    private static string? IsUnit(string text) => OptionChecks.Pair(text) is null && Number(text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..]) > 0 ? null : ": write NAME=NUMBER, the number above 0";

    private static string? IsSize(string text) => SizeText.TryParse(text, out var bytes) && bytes > 0 ? null : ": write a size such as 512Mi or 8Gi";

    /// <summary>The number; 0 for what is none.</summary>
    private static decimal Number(string text) => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>The last of a name counts.</summary>
    private static Dictionary<string, string> Pairs(string[]? pairs)
    {
        var read = new Dictionary<string, string>();
        foreach (var pair in pairs ?? [])
            read[pair[..pair.IndexOf('=', StringComparison.Ordinal)]] = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];
        return read;
    }
}
