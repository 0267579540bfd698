using System.Text.Json.Serialization;

namespace Dispatch.Benchmarks.Reporting;

/// <summary>One number that was measured, beside what bounds it.</summary>
/// <param name="Part">The part of the benchmark.</param>
/// <param name="What">What was measured.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">Its unit.</param>
internal sealed record Row(string Part, string What, double Value, string Unit)
{
    /// <summary>The floor measured in the same run, same unit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Floor { get; init; }

    /// <summary>What the floor is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FloorIs { get; init; }

    /// <summary>What is aimed at, same unit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Aim { get; init; }

    /// <summary>Whether more is better.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MoreIsBetter { get; init; }

    /// <summary>The value as a multiple of the floor.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Ratio => Floor is > 0 ? Math.Round(Value / Floor.Value, 2) : null;

    /// <summary>Whether the aim is met; null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Met => Aim is not { } aim ? null : MoreIsBetter ? Value >= aim : Value <= aim;
}
