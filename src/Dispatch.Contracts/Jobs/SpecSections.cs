using System.Globalization;
using System.Text.Json;

namespace Dispatch.Contracts.Jobs;

/// <summary>Reads what a container is made of: arguments, environment, resources, mounts, exit rule and labels.</summary>
internal static class SpecSections
{
    private const int ItemsMax = 100_000;

    private static readonly string[] ResourceFields = ["cpu", "memory", "gpu", "disk", "pids", "units"];
    private static readonly string[] MountFields = ["source", "target", "readOnly"];
    private static readonly string[] ExitFields = ["success", "nonZero"];

    public static IReadOnlyList<string> NetworkNames { get; } = ["none", "host", "bridge"];

    public static IReadOnlyList<string> Arguments(SpecField? field, bool firstMayBeEmpty, bool mayHaveNone = true)
    {
        if (field is not { } found)
            return [];
        if (found.Value.ValueKind == JsonValueKind.String)
            return found.WrongType<IReadOnlyList<string>>("a list of strings, such as [\"sh\", \"-c\", \"echo hello\"]; no shell splits it") ?? [];
        var arguments = found.List(ItemsMax, item => item.Text(SpecSyntax.Argument));
        if (found.Value.ValueKind == JsonValueKind.Array && found.Value.GetArrayLength() == 0 && !mayHaveNone)
            found.Wrong<string>("is an empty list; its first string is the program to run.");
        if (!firstMayBeEmpty && found.Value.ValueKind == JsonValueKind.Array && found.Value.GetArrayLength() > 0 && arguments is ["", ..])
            found.Errors.Add(found.Path + "[0]", "", "is empty; the first string is the program to run.");
        return arguments;
    }

    public static IReadOnlyDictionary<string, string>? Environment(SpecField? field) => field?.Map(
        ItemsMax,
        SpecSyntax.EnvironmentName,
        (item, name) => item.Text(value => SpecSyntax.EnvironmentEntry(name, value)));

    public static IReadOnlyDictionary<string, string>? Labels(SpecField? field)
    {
        var labels = field?.Map(SpecLimits.Labels, SpecSyntax.LabelName, (item, _) => item.Text(SpecSyntax.LabelValue));
        if (labels is not null && SpecSyntax.LabelsTogether(labels) is { } problem)
            field!.Value.Wrong<string>(problem);
        return labels;
    }

    public static IReadOnlyDictionary<string, long>? Tmpfs(SpecField? field)
    {
        var sizes = field?.Map<object>(SpecLimits.Mounts, SpecSyntax.TargetPath, (item, _) => item.Size());
        return sizes?.ToDictionary(entry => entry.Key, entry => (long)entry.Value, StringComparer.Ordinal);
    }

    public static IReadOnlyList<string> Capabilities(SpecField? field)
    {
        var names = field?.List(SpecLimits.Mounts, item => item.Text(SpecSyntax.Capability)) ?? [];
        if (names.Distinct(StringComparer.Ordinal).Count() < names.Count)
            field!.Value.Wrong<string>("names a capability twice; keep one.");
        return names;
    }

    public static IReadOnlyList<Mount> Mounts(SpecField? field)
    {
        var mounts = field?.List(SpecLimits.Mounts, ReadMount) ?? [];
        if (mounts.Select(mount => mount.Target.TrimEnd('/')).Distinct(StringComparer.Ordinal).Count() < mounts.Count)
            field!.Value.Wrong<string>("mounts two folders at one target; give each its own.");
        return mounts;
    }

    public static Resources Resources(SpecField? field)
    {
        var defaults = new Resources();
        if (field is not { } found || SpecObject.Open(found, ResourceFields) is not { } fields)
            return defaults;
        return new()
        {
            Cpu = fields.Field("cpu") is { } cpu ? ReadCpu(cpu) ?? defaults.Cpu : defaults.Cpu,
            MemoryBytes = fields.Field("memory")?.Size() ?? defaults.MemoryBytes,
            Gpu = fields.Field("gpu")?.Whole(0, SpecLimits.Gpu) ?? defaults.Gpu,
            DiskBytes = fields.Field("disk")?.Size(),
            Pids = fields.Field("pids")?.Whole(1, SpecLimits.Pids) ?? defaults.Pids,
            Units = ReadUnits(fields.Field("units")) ?? defaults.Units,
        };
    }

    public static ExitRule Exit(SpecField? field)
    {
        var defaults = new ExitRule();
        if (field is not { } found || SpecObject.Open(found, ExitFields) is not { } fields)
            return defaults;
        return new()
        {
            Success = fields.Field("success") is { } success ? ReadSuccess(success) : defaults.Success,
            NonZeroIsData = fields.Field("nonZero")?.Word<bool>([("fail", false), ("data", true)]) ?? defaults.NonZeroIsData,
        };
    }

    private static int[] ReadSuccess(SpecField field)
    {
        var codes = field.List<object>(256, item => item.Whole(0, 255)).Cast<int>().ToArray();
        if (field.Value.ValueKind == JsonValueKind.Array && field.Value.GetArrayLength() == 0)
            field.Wrong<string>("is an empty list, with which no job could succeed; name at least one code.");
        if (codes.Distinct().Count() < codes.Length)
            field.Wrong<string>("names a code twice; keep one.");
        return codes;
    }

    private static Mount? ReadMount(SpecField field)
    {
        if (SpecObject.Open(field, MountFields) is not { } fields)
            return null;
        var source = fields.Field("source") is { } from ? from.Text(SpecSyntax.AbsolutePath) : fields.Missing<string>("source", "is missing: the absolute path on the host.");
        var target = fields.Field("target") is { } to ? to.Text(SpecSyntax.TargetPath) : fields.Missing<string>("target", "is missing: the absolute path in the container.");
        var readOnly = fields.Field("readOnly")?.Truth() ?? false;
        return source is null || target is null ? null : new(source, target, readOnly);
    }

    private static decimal? ReadCpu(SpecField field)
    {
        const string Forms = "cores as a number or a string, such as 2, \"0.5\" or \"500m\"";
        decimal cores;
        if (field.Value.ValueKind == JsonValueKind.String && SpecField.TryText(field.Value, out var text))
        {
            var thousandths = text.EndsWith('m');
            if (!decimal.TryParse(thousandths ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out cores))
                return field.Wrong<decimal?>($"is no number of cores; give {Forms}.");
            cores = thousandths ? cores / 1_000 : cores;
        }
        else if (field.Value.ValueKind != JsonValueKind.Number)
        {
            return field.WrongType<decimal?>(Forms);
        }
        else if (!field.Value.TryGetDecimal(out cores))
        {
            cores = -1;
        }

        if (cores is < SpecLimits.CpuLeast or > SpecLimits.Cpu || decimal.Round(cores, 3) != cores)
            return field.Wrong<decimal?>($"must be {SpecLimits.CpuLeast.ToString(CultureInfo.InvariantCulture)} to {SpecLimits.Cpu.ToString(CultureInfo.InvariantCulture)} cores, in steps of 0.001.");
        return cores;
    }

    private static Dictionary<string, decimal>? ReadUnits(SpecField? field)
    {
        var units = field?.Map<object>(SpecLimits.Units, SpecSyntax.LabelName, (item, _) => item.Number(0.001m, SpecLimits.UnitAmount));
        return units?.ToDictionary(entry => entry.Key, entry => (decimal)entry.Value, StringComparer.Ordinal);
    }
}
