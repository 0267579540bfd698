using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dispatch.Benchmarks.Reporting;

/// <summary>All rows of a run, as a table for people and as JSON for programs.</summary>
internal sealed class Results(Machine machine, DateTimeOffset at)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly List<Row> _rows = [];

    public void Add(Row row)
    {
        _rows.Add(row);
        Console.WriteLine($"{row.Part,-22} {row.What,-58} {Number(row.Value),10} {row.Unit}{(row.Floor is { } floor ? $"   floor {Number(floor)}, ratio {Number(row.Ratio!.Value)}" : "")}{(row.Met is { } met ? $"   aim {Number(row.Aim!.Value)}: {(met ? "met" : "MISSED")}" : "")}");
    }

    /// <summary>Writes <c>latest.md</c> and <c>latest.json</c>; of some parts alone files that bear date and parts, for what was measured of the whole stays.</summary>
    public void Write(string folder, string? parts)
    {
        var name = parts is null ? "latest" : $"{at.ToString("yyyy-MM-dd-HHmm", CultureInfo.InvariantCulture)}-{parts}";
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, $"{name}.md"), Table());
        File.WriteAllText(Path.Combine(folder, $"{name}.json"), JsonSerializer.Serialize(new { at, machine, rows = _rows }, Json) + "\n");
        Console.WriteLine($"Written to {Path.Combine(folder, name)}.md and .json.");
    }

    private string Table()
    {
        var text = new StringBuilder();
        text.AppendLine("# Measured");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{at:yyyy-MM-dd HH:mm} UTC, {machine.Cores} cores ({machine.Processor}), {machine.MemoryGiB} GiB, Linux {machine.Kernel}, {machine.Runtime}, load before the run {machine.LoadBefore}.");
        foreach (var part in _rows.GroupBy(row => row.Part))
        {
            text.AppendLine();
            text.AppendLine($"## {part.Key}");
            text.AppendLine();
            text.AppendLine("| what | value | unit | floor | ratio | aim |");
            text.AppendLine("|---|---:|---|---|---:|---|");
            foreach (var row in part)
                text.AppendLine($"| {row.What} | {Number(row.Value)} | {row.Unit} | {(row.Floor is { } floor ? $"{Number(floor)} ({row.FloorIs})" : "")} | {(row.Ratio is { } ratio ? Number(ratio) : "")} | {(row.Met is { } met ? $"{Number(row.Aim!.Value)}, {(met ? "met" : "missed")}" : "")} |");
        }

        return text.ToString();
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
