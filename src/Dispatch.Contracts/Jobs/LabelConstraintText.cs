using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Dispatch.Contracts.Jobs;

/// <summary>Constraints as people type them: <c>zone in a,b</c>, <c>cores &gt; 10</c>, <c>ssd exists</c>, <c>router != 1</c>, <c>zone=a</c>.</summary>
public static class LabelConstraintText
{
    private static readonly SearchValues<char> NameEnds = SearchValues.Create(" \t=!<>");

    private static readonly (string Symbol, LabelOperator Op)[] Operators =
    [
        ("!=", LabelOperator.NotEqual), ("=", LabelOperator.Equal), (">", LabelOperator.Greater), ("<", LabelOperator.Less),
        ("notin", LabelOperator.NotIn), ("in", LabelOperator.In), ("exists", LabelOperator.Exists),
    ];

    /// <summary>All operators as they are written.</summary>
    public static IReadOnlyList<string> Symbols { get; } = ["=", "!=", "in", "notin", "exists", ">", "<"];

    /// <summary>How an operator is written.</summary>
    /// <param name="op">The operator.</param>
    /// <returns>Its symbol.</returns>
    public static string SymbolOf(LabelOperator op) => Array.Find(Operators, entry => entry.Op == op).Symbol;

    /// <summary>Reads an operator's symbol.</summary>
    /// <param name="symbol">The symbol, exact.</param>
    /// <param name="op">The operator.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParseOperator(string? symbol, out LabelOperator op)
    {
        var index = Array.FindIndex(Operators, entry => entry.Symbol == symbol);
        op = index < 0 ? default : Operators[index].Op;
        return index >= 0;
    }

    /// <summary>Reads a constraint.</summary>
    /// <param name="text">Label, operator and values (separated by commas; blanks around them do not count).</param>
    /// <param name="constraint">The constraint.</param>
    /// <param name="error">What is wrong and what to write instead.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LabelConstraint? constraint, [NotNullWhen(false)] out string? error)
    {
        constraint = null;
        if (!TrySplit((text ?? "").Trim(), out var label, out var op, out var rest))
        {
            error = $"\"{text}\" is no constraint: write label, operator ({string.Join(' ', Symbols)}) and values, such as \"zone in a,b\" or \"ssd exists\".";
            return false;
        }

        string[] values = op switch
        {
            LabelOperator.Exists when rest.Length == 0 => [],
            LabelOperator.In or LabelOperator.NotIn or LabelOperator.Exists => rest.Split(',', StringSplitOptions.TrimEntries),
            _ => [rest],
        };
        var found = new LabelConstraint(label, op, values);
        error = SpecSyntax.LabelName(label) ?? EmptyError(op, values) ?? ValuesError(op, values);
        if (error is not null)
        {
            error = $"\"{text}\" is no constraint: {error}";
            return false;
        }

        constraint = found;
        return true;
    }

    /// <summary>Writes a constraint as <see cref="TryParse"/> reads it.</summary>
    /// <param name="constraint">The constraint.</param>
    /// <returns>Text such as <c>zone in a,b</c>.</returns>
    public static string Format(LabelConstraint constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        var start = $"{constraint.Label} {SymbolOf(constraint.Op)}";
        return constraint.Values.Count == 0 ? start : $"{start} {string.Join(',', constraint.Values)}";
    }

    /// <summary>Reads a number as <c>&gt;</c> and <c>&lt;</c> compare it: digits, with sign, decimal point or exponent, always with a point.</summary>
    /// <param name="text">The text.</param>
    /// <param name="number">The number.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParseNumber(string? text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number);

    /// <summary>What is wrong with the values of an operator, or null.</summary>
    internal static string? ValuesError(LabelOperator op, IReadOnlyList<string> values) => op switch
    {
        LabelOperator.Exists => values.Count == 0 ? null : "exists takes no value; leave the values out.",
        LabelOperator.In or LabelOperator.NotIn when values.Count is 0 or > SpecLimits.ConstraintValues =>
            $"{SymbolOf(op)} takes 1 to {SpecLimits.ConstraintValues} values, not {values.Count}.",
        LabelOperator.In or LabelOperator.NotIn => null,
        _ when values.Count != 1 => $"{SymbolOf(op)} takes exactly one value, not {values.Count}{(op is LabelOperator.Equal ? "; use in for several" : "")}.",
        LabelOperator.Greater or LabelOperator.Less when !TryParseNumber(values[0], out _) =>
            $"{SymbolOf(op)} compares numbers and \"{SpecErrors.Shorten(values[0])}\" is none; write a number such as 10 or 2.5.",
        _ => null,
    };

    /// <summary>In a text nothing tells an empty value from one that was forgotten.</summary>
    private static string? EmptyError(LabelOperator op, string[] values) =>
        op is LabelOperator.In or LabelOperator.NotIn && values.Contains("") ? $"{SymbolOf(op)} has an empty value; write values with commas between, such as \"zone {SymbolOf(op)} a,b\"." : null;

    private static bool TrySplit(string text, out string label, out LabelOperator op, out string rest)
    {
        (label, op, rest) = ("", default, "");
        var end = text.AsSpan().IndexOfAny(NameEnds);
        if (end <= 0)
            return false;
        label = text[..end];
        var after = text[end..].TrimStart();
        foreach (var (symbol, candidate) in Operators)
        {
            if (!after.StartsWith(symbol, StringComparison.Ordinal))
                continue;
            rest = after[symbol.Length..];
            var wordEnds = !char.IsLetter(symbol[0]) || rest.Length == 0 || char.IsWhiteSpace(rest[0]);
            if (!wordEnds || rest.StartsWith('='))
                return false;
            op = candidate;
            rest = rest.Trim();
            return true;
        }

        return false;
    }
}
