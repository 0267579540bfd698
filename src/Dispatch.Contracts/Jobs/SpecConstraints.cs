using System.Text.Json;

namespace Dispatch.Contracts.Jobs;

/// <summary>Reads constraints and preferences.</summary>
internal static class SpecConstraints
{
    private static readonly string[] ConstraintFields = ["label", "op", "values"];
    private static readonly string[] PreferenceFields = ["label", "op", "values", "weight"];

    public static IReadOnlyList<LabelConstraint> Constraints(SpecField? field) =>
        field?.List(SpecLimits.Constraints, item => SpecObject.Open(item, ConstraintFields) is { } fields ? Read(fields) : null) ?? [];

    public static IReadOnlyList<LabelPreference> Preferences(SpecField? field) => field?.List(SpecLimits.Constraints, ReadPreference) ?? [];

    private static LabelPreference? ReadPreference(SpecField field)
    {
        if (SpecObject.Open(field, PreferenceFields) is not { } fields)
            return null;
        var constraint = Read(fields);
        var weight = fields.Field("weight") is { } found ? found.Whole(-100, 100) : fields.Missing<int?>("weight", "is missing: a whole number, -100 to 100.");
        return constraint is null || weight is null ? null : new(constraint, weight.Value);
    }

    private static LabelConstraint? Read(SpecObject fields)
    {
        var label = fields.Field("label") is { } name ? name.Text(SpecSyntax.LabelName) : fields.Missing<string>("label", "is missing: the label's name.");
        LabelOperator? op = null;
        if (fields.Field("op") is not { } symbol)
            fields.Missing<string>("op", $"is missing: one of {string.Join(' ', LabelConstraintText.Symbols)}.");
        else if (symbol.Text(Operator) is { } text && LabelConstraintText.TryParseOperator(text, out var found))
            op = found;

        var values = fields.Field("values");
        var texts = values?.List(SpecLimits.ConstraintValues, ReadValue) ?? [];
        if (op is not { } known)
            return null;
        if (values is { Value.ValueKind: JsonValueKind.Array } list && texts.Count == list.Value.GetArrayLength() && LabelConstraintText.ValuesError(known, texts) is { } problem)
            list.Wrong<string>(problem);
        else if (values is null && known != LabelOperator.Exists)
            fields.Missing<string>("values", $"is missing: {LabelConstraintText.ValuesError(known, [])}");
        return label is null ? null : new(label, known, texts);
    }

    private static string? Operator(string symbol) => symbol switch
    {
        _ when LabelConstraintText.TryParseOperator(symbol, out _) => null,
        "==" => "is no operator; write = for equal.",
        ">=" or "<=" => "is no operator; > and < are there, take the next number.",
        _ => $"is no operator; write one of {string.Join(' ', LabelConstraintText.Symbols)}.",
    };

    /// <summary>Strings, and numbers for their text.</summary>
    private static string? ReadValue(SpecField item)
    {
        if (item.Value.ValueKind != JsonValueKind.Number)
            return item.Text(SpecSyntax.LabelValue);
        return item.Value.GetRawText() is { Length: <= SpecLimits.TextCharacters } text ? text : item.Wrong<string>("has too many digits.");
    }
}
