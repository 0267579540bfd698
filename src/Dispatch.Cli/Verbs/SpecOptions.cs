using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dispatch.Cli.Client;
using Dispatch.Cli.Specs;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Cli.Verbs;

/// <summary>The options of which a job spec is made; with a file they override its fields. The server's strict reader judges the result.</summary>
internal sealed class SpecOptions
{
    private readonly Argument<string?> image = new("IMAGE") { Description = "The image to run; leave it out to run a plain process", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> process = new("--process") { Description = "Run the command after -- as a plain process of a worker" };
    private readonly Option<string?> file = new Option<string?>("-f", "--file") { Description = "Spec file, JSON or YAML; - is standard input" }.Checked(OptionChecks.Filled);
    private readonly Option<string?> id = new("--id") { Description = "The job's id (made where it is not given)" };
    private readonly Option<string?> pool = new("--pool") { Description = "The pool (default)" };
    private readonly Option<string?> worker = new("--worker") { Description = "Pin the job to this worker" };
    private readonly Option<string?> cpu = new("--cpu") { Description = "Cores, such as 0.5 (1)" };
    private readonly Option<string?> memory = new("--memory") { Description = "Memory, such as 64Mi (256Mi)" };
    private readonly Option<string[]> env = new Option<string[]>("--env", "-e") { Description = "NAME=VALUE, as often as needed" }.Checked(OptionChecks.Pair);
    private readonly Option<string[]> constraint = new Option<string[]>("--constraint") { Description = "What a worker's labels must fulfil: 'zone in a,b', 'cores > 8', 'ssd exists', 'router != 1'" }
        .Checked(text => LabelConstraintText.TryParse(text, out _, out var problem) ? null : $": {problem}");
    private readonly Option<string?> timeout = new("--timeout") { Description = "Run deadline, such as 90s or 5m (30m)" };
    private readonly Option<int?> priority = new("--priority") { Description = "0 (last) to 100 (first) (50)" };
    private readonly Option<string?> name = new("--name") { Description = "A display name" };
    private readonly Option<string?> owner = new("--owner") { Description = "The owner" };
    private readonly Option<string[]> label = new Option<string[]>("--label") { Description = "NAME=VALUE, as often as needed" }.Checked(OptionChecks.Pair);
    private readonly Option<string?> user = new("--user") { Description = "User inside the container" };
    private readonly Option<string?> workdir = new("--workdir") { Description = "Where the command starts" };
    private readonly Option<string?> pull = new("--pull") { Description = "ifNotPresent, always, newer or never (ifNotPresent)" };
    private readonly IReadOnlyList<string>? workload;

    /// <summary>Adds the options to a verb.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="workload">What followed <c>--</c>, if anything.</param>
    public SpecOptions(Command command, IReadOnlyList<string>? workload)
    {
        this.workload = workload;
        command.Arguments.Add(image);
        foreach (var option in new Option[] { process, file, id, pool, worker, cpu, memory, env, constraint, timeout, priority, name, owner, label, user, workdir, pull })
            command.Options.Add(option);
    }

    /// <summary>What the options and the file ask for.</summary>
    public JobSubmission Read(ParseResult parsed)
    {
        var spec = parsed.GetValue(file) is { } path ? FromFile(path) : [];
        SetWorkload(spec, parsed);
        Set(spec, "pool", parsed.GetValue(pool));
        Set(spec, "worker", parsed.GetValue(worker));
        Set(spec, "name", parsed.GetValue(name));
        Set(spec, "owner", parsed.GetValue(owner));
        Set(spec, "user", parsed.GetValue(user));
        Set(spec, "workingDir", parsed.GetValue(workdir));
        Set(spec, "pullPolicy", parsed.GetValue(pull));
        Set(spec, "priority", parsed.GetValue(priority));
        Set(Child(spec, "resources", parsed.GetResult(cpu) ?? parsed.GetResult(memory)), "cpu", Number(parsed.GetValue(cpu)));
        Set(Child(spec, "resources", parsed.GetResult(memory)), "memory", parsed.GetValue(memory));
        Set(Child(spec, "timeouts", parsed.GetResult(timeout)), "run", parsed.GetValue(timeout));
        SetPairs(spec, "env", parsed.GetValue(env));
        SetPairs(spec, "labels", parsed.GetValue(label));
        AddConstraints(spec, parsed.GetValue(constraint));
        return new JobSubmission { Id = parsed.GetValue(id), Spec = JsonSerializer.SerializeToElement(spec), Trigger = "cli" };
    }

    private static JsonObject FromFile(string path)
    {
        var bytes = SpecFile.Read(path);
        if (JobSpecReader.SyntaxFault(bytes) is { } fault)
            throw CliException.Spec(path, fault);
        try
        {
            return JsonNode.Parse(bytes, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
                ?? throw CliException.Spec(path, "a job spec is an object, such as {\"image\": \"busybox\", \"command\": [\"true\"]}");
        }
        catch (JsonException)
        {
            // A field that stands there twice: options cannot be put over it, and the strict reader names it.
            throw new ApiException(Problem.Of(ErrorCode.InvalidJobSpec, errors: JobSpecReader.Read(bytes).Errors));
        }
    }

    private void SetWorkload(JsonObject spec, ParseResult parsed)
    {
        var named = parsed.GetValue(image);
        if (parsed.GetValue(process) && named is not null)
            throw new CliException($"--process runs a plain process, but the image '{named}' is named as well: give one of the two");
        if (named is ['-', ..])
            throw new CliException($"there is no option '{named}'; see --help");
        if (named is not null)
            spec["image"] = named;
        if (parsed.GetValue(process) && workload is null or [] && !spec.ContainsKey("process"))
            throw CliException.Spec("--process", "it runs the command after --, and there is none: write `--process -- sh -c 'echo hello'`");
        if (workload is null)
            return;
        var words = new JsonArray([.. workload.Select(word => (JsonNode?)JsonValue.Create(word))]);
        spec[spec.ContainsKey("image") ? "command" : "process"] = words;
    }

    private static JsonObject? Child(JsonObject spec, string name, object? wanted)
    {
        if (wanted is null)
            return null;
        if (spec[name] is not JsonObject child)
            spec[name] = child = [];
        return child;
    }

    private static void Set(JsonObject? spec, string name, JsonNode? value)
    {
        if (spec is not null && value is not null)
            spec[name] = value;
    }

    /// <summary>A number where it is one; the strict reader explains anything else.</summary>
    private static JsonValue? Number(string? text) =>
        text is null ? null
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number)
        : JsonValue.Create(text);

    private static void SetPairs(JsonObject spec, string field, string[]? pairs)
    {
        foreach (var pair in pairs ?? [])
            Child(spec, field, pair)![pair[..pair.IndexOf('=', StringComparison.Ordinal)]] = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];
    }

    private static void AddConstraints(JsonObject spec, string[]? texts)
    {
        foreach (var text in texts ?? [])
        {
            if (!LabelConstraintText.TryParse(text, out var constraint, out _))
                continue;
            if (spec["constraints"] is not JsonArray list)
                spec["constraints"] = list = [];
            list.Add(new JsonObject
            {
                ["label"] = constraint.Label,
                ["op"] = LabelConstraintText.SymbolOf(constraint.Op),
                ["values"] = new JsonArray([.. constraint.Values.Select(value => (JsonNode?)JsonValue.Create(value))]),
            });
        }
    }
}
