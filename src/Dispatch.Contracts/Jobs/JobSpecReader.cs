using System.Runtime.InteropServices;
using System.Text.Json;

namespace Dispatch.Contracts.Jobs;

/// <summary>The strict reader of a job spec: every field is known and right, or the answer tells all that is wrong at once.</summary>
/// <remarks>
/// <c>cpu</c> is a number of cores, a string of one (<c>"0.5"</c>) or thousandths (<c>"500m"</c>), in steps of 0.001.
/// A mount may be written to unless <c>readOnly</c> is true. A retry cause that is named takes from its default what it does not say;
/// where only <c>backoff.initial</c> is given and lies above the default of <c>backoff.max</c>, it is the maximum too.
/// What only a container has (command, args, pullPolicy, network, readOnlyRoot, capabilities, mounts, tmpfs) is refused beside <c>process</c>.
/// </remarks>
public static class JobSpecReader
{
    private static readonly string[] Known =
    [
        "image", "command", "args", "process", "env", "workingDir", "user", "stdin", "pullPolicy", "resources", "network", "readOnlyRoot", "capabilities",
        "mounts", "tmpfs", "pool", "worker", "constraints", "preferences", "priority", "timeouts", "retry", "exit", "labels", "name", "owner",
    ];

    private static readonly string[] NotYet = ["secrets", "inputs", "artifacts", "init", "ready", "affinity", "fairness", "concurrency"];

    private static readonly (string Word, PullPolicy Meaning)[] PullPolicies =
        [("ifNotPresent", PullPolicy.IfNotPresent), ("always", PullPolicy.Always), ("newer", PullPolicy.Newer), ("never", PullPolicy.Never)];

    /// <summary>Reads a spec.</summary>
    /// <param name="utf8Json">The document, UTF-8 without byte order mark, at most <see cref="SpecLimits.DocumentBytes"/>.</param>
    /// <returns>The spec with every default filled in, or all errors.</returns>
    public static SpecReading Read(ReadOnlyMemory<byte> utf8Json)
    {
        var errors = new SpecErrors();
        using var document = SpecDocument.Open(utf8Json, errors);
        var spec = document is null ? null : ReadSpec(new(document.RootElement, "", errors));
        return errors.Count > 0 ? new(null, errors.ToList()) { Draft = spec } : new(spec, []);
    }

    /// <summary>Why a text is no JSON document that could be a spec: too long, not UTF-8, cut off, broken.</summary>
    /// <param name="utf8Json">The document.</param>
    /// <returns>What is wrong, where, and the remedy; null where it can be read.</returns>
    public static string? SyntaxFault(ReadOnlyMemory<byte> utf8Json)
    {
        var errors = new SpecErrors();
        using var document = SpecDocument.Open(utf8Json, errors);
        return document is null ? errors.ToList()[0].Message : null;
    }

    /// <summary>Why bytes are no text.</summary>
    /// <param name="bytes">The bytes, JSON or another notation.</param>
    /// <returns>What is wrong, where, and the remedy; null where they are UTF-8.</returns>
    public static string? EncodingFault(ReadOnlySpan<byte> bytes) => SpecDocument.EncodingFault(bytes);

    /// <summary>Reads a spec that stands inside another document.</summary>
    /// <param name="element">The spec as it was written; an undefined element is an empty document.</param>
    /// <returns>The spec with every default filled in, or all errors.</returns>
    public static SpecReading Read(JsonElement element) =>
        Read(element.ValueKind == JsonValueKind.Undefined ? default : JsonMarshal.GetRawUtf8Value(element).ToArray());

    private static JobSpec? ReadSpec(SpecField root)
    {
        if (root.Value.ValueKind != JsonValueKind.Object)
        {
            root.Errors.Add("", root.Value, "The spec must be a JSON object with image or process, such as {\"image\":\"alpine:3.20\"}.");
            return null;
        }

        var fields = SpecObject.Open(root, Known, NotYet)!;
        var defaults = new JobSpec();
        var spec = new JobSpec
        {
            Image = fields.Field("image")?.Text(ImageReference.Check),
            Command = SpecSections.Arguments(fields.Field("command"), firstMayBeEmpty: false),
            Args = SpecSections.Arguments(fields.Field("args"), firstMayBeEmpty: true),
            Process = SpecSections.Arguments(fields.Field("process"), firstMayBeEmpty: false, mayHaveNone: false),
            Env = SpecSections.Environment(fields.Field("env")) ?? defaults.Env,
            WorkingDir = fields.Field("workingDir")?.Text(SpecSyntax.AbsolutePath),
            User = fields.Field("user")?.Text(SpecSyntax.User),
            Stdin = fields.Field("stdin")?.Text(SpecSyntax.Stdin, nulAllowed: true),
            PullPolicy = fields.Field("pullPolicy")?.Word(PullPolicies) ?? defaults.PullPolicy,
            Resources = SpecSections.Resources(fields.Field("resources")),
            Network = fields.Field("network")?.Word<int>([("none", 0), ("host", 1), ("bridge", 2)]) is { } mode ? SpecSections.NetworkNames[mode] : null,
            ReadOnlyRoot = fields.Field("readOnlyRoot")?.Truth() ?? false,
            Capabilities = SpecSections.Capabilities(fields.Field("capabilities")),
            Mounts = SpecSections.Mounts(fields.Field("mounts")),
            Tmpfs = SpecSections.Tmpfs(fields.Field("tmpfs")) ?? defaults.Tmpfs,
            Pool = fields.Field("pool")?.Text(SpecSyntax.Identifier) ?? defaults.Pool,
            Worker = fields.Field("worker")?.Text(SpecSyntax.Identifier),
            Constraints = SpecConstraints.Constraints(fields.Field("constraints")),
            Preferences = SpecConstraints.Preferences(fields.Field("preferences")),
            Priority = fields.Field("priority")?.Whole(0, 100) ?? defaults.Priority,
            Timeouts = SpecDeadlines.Timeouts(fields.Field("timeouts")),
            Retry = SpecDeadlines.Retry(fields.Field("retry")) ?? defaults.Retry,
            Exit = SpecSections.Exit(fields.Field("exit")),
            Labels = SpecSections.Labels(fields.Field("labels")) ?? defaults.Labels,
            Name = fields.Field("name")?.Text(SpecSyntax.Shown),
            Owner = fields.Field("owner")?.Text(SpecSyntax.Shown),
        };
        CheckTogether(fields, spec);
        return spec;
    }

    /// <summary>What no field can be told alone.</summary>
    private static void CheckTogether(SpecObject fields, JobSpec spec)
    {
        var image = fields.Field("image");
        var process = fields.Field("process");
        if (image is null && process is null)
            fields.Missing<string>("image", "is missing: give an image, or process with the argv of a plain process.");
        if (image is { } both && process is not null)
            both.Wrong<string>("stands beside process; give exactly one of the two.");

        foreach (var target in spec.Mounts.Select(mount => mount.Target.TrimEnd('/')).Where(target => spec.Tmpfs.Keys.Any(path => path.TrimEnd('/') == target)))
            fields.Field("tmpfs")?.Wrong<string>($"has the path {target}, which mounts has too; keep one.");

        if (process is null || image is not null)
            return;
        (string Name, bool Used)[] containerOnly =
        [
            ("command", spec.Command.Count > 0), ("args", spec.Args.Count > 0), ("pullPolicy", spec.PullPolicy != PullPolicy.IfNotPresent),
            ("network", spec.Network is not null), ("readOnlyRoot", spec.ReadOnlyRoot), ("capabilities", spec.Capabilities.Count > 0),
            ("mounts", spec.Mounts.Count > 0), ("tmpfs", spec.Tmpfs.Count > 0),
        ];
        foreach (var (name, _) in containerOnly.Where(entry => entry.Used))
            fields.Field(name)?.Wrong<string>("belongs to a container and has no meaning beside process; drop it, or use image.");
    }
}
