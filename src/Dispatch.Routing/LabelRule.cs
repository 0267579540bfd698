using System.Globalization;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Routing;

/// <summary>One comparison of a label, made ready once for many workers.</summary>
/// <remarks><c>!=</c> and <c>notin</c> hold where the label is missing, the others do not; <c>&gt;</c> and <c>&lt;</c> compare numbers and hold for nothing else.</remarks>
public sealed class LabelRule
{
    private readonly string[] values;
    private readonly decimal? number;

    /// <summary>Makes a rule ready.</summary>
    /// <param name="constraint">The comparison as the spec has it.</param>
    public LabelRule(LabelConstraint constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        Constraint = constraint;
        Label = constraint.Label;
        Op = constraint.Op;
        values = [.. constraint.Values];
        if (Op is LabelOperator.Greater or LabelOperator.Less) number = values.Length == 1 ? Number(values[0]) : null;
    }

    /// <summary>The comparison as the spec has it.</summary>
    public LabelConstraint Constraint { get; }

    /// <summary>The label's name.</summary>
    public string Label { get; }

    /// <summary>The comparison.</summary>
    public LabelOperator Op { get; }

    /// <summary>Whether a worker's labels fulfil it.</summary>
    /// <param name="labels">The labels.</param>
    /// <returns>True where they do.</returns>
    public bool Holds(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (!labels.TryGetValue(Label, out var value)) return Op is LabelOperator.NotEqual or LabelOperator.NotIn;
        return Op switch
        {
            LabelOperator.Equal or LabelOperator.In => Named(value),
            LabelOperator.NotEqual or LabelOperator.NotIn => !Named(value),
            LabelOperator.Exists => true,
            LabelOperator.Greater => number is { } bound && Number(value) is { } above && above > bound,
            LabelOperator.Less => number is { } bound && Number(value) is { } below && below < bound,
            _ => false,
        };
    }

    /// <summary>Why a worker's labels do not fulfil it.</summary>
    /// <param name="labels">The labels.</param>
    /// <returns>The rule and the label's value.</returns>
    public string Refusal(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (!labels.TryGetValue(Label, out var value)) return $"{this}: the label is missing";
        return Op is LabelOperator.Greater or LabelOperator.Less && Number(value) is null
            ? $"{this}: the label is \"{value}\", not a number"
            : $"{this}: the label is \"{value}\"";
    }

    /// <inheritdoc/>
    public override string ToString() => Op switch
    {
        LabelOperator.Equal => $"{Label} = {string.Join(",", values)}",
        LabelOperator.NotEqual => $"{Label} != {string.Join(",", values)}",
        LabelOperator.In => $"{Label} in {string.Join(",", values)}",
        LabelOperator.NotIn => $"{Label} notin {string.Join(",", values)}",
        LabelOperator.Exists => $"{Label} exists",
        LabelOperator.Greater => $"{Label} > {string.Join(",", values)}",
        LabelOperator.Less => $"{Label} < {string.Join(",", values)}",
        _ => $"{Label} ?",
    };

    private static decimal? Number(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private bool Named(string value)
    {
        foreach (var one in values)
        {
            if (string.Equals(one, value, StringComparison.Ordinal)) return true;
        }

        return false;
    }
}
