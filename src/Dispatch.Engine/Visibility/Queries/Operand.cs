using System.Globalization;
using System.Text.RegularExpressions;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility.Queries;

/// <summary>Turns a written value into one of a field's type.</summary>
internal static partial class Operand
{
    private static readonly Dictionary<string, double> UnitNanoseconds = new()
    {
        ["ns"] = 1,
        ["us"] = 1e3,
        ["ms"] = 1e6,
        ["s"] = 1e9,
        ["m"] = 60e9,
        ["h"] = 3600e9,
    };

    /// <exception cref="QueryException">The value is not of the field's type.</exception>
    public static object For(Field field, Literal literal) => (field.Type, literal.Value) switch
    {
        (_, string text) when field.IsStatus => Status(text),
        (_, string text) when field.IsDuration => Duration(text),
        (IndexedValueType.Keyword or IndexedValueType.KeywordList or IndexedValueType.Text, string text) => text,
        (IndexedValueType.Int, long whole) => whole,
        (IndexedValueType.Double or IndexedValueType.Int, double number) => number,
        (IndexedValueType.Double, long whole) => (double)whole,
        (IndexedValueType.Bool, bool truth) => truth,
        (IndexedValueType.Datetime, long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick),
        (IndexedValueType.Datetime, string text) => SearchAttributeValue.TryInstant(text, out var instant)
            ? instant
            : throw new QueryException($"invalid expression: unable to parse datetime '{text}'"),
        _ => throw new QueryException(
            $"invalid expression: invalid value for search attribute {field.Name} of type {field.Type}: {literal}"),
    };

    private static object Status(string name) =>
        Enum.TryParse<WorkflowExecutionStatus>(name, out var status) && status.ToString() == name && status != WorkflowExecutionStatus.Unspecified
            ? (long)status
            : throw new QueryException($"invalid expression: invalid ExecutionStatus value '{name}'");

    private static object Duration(string text)
    {
        if (long.TryParse(text, CultureInfo.InvariantCulture, out var nanoseconds))
        {
            return nanoseconds;
        }

        var parts = DurationPart().Matches(text);
        return parts.Count > 0 && parts.Sum(part => part.Length) == text.Length
            ? (long)parts.Sum(part => double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * UnitNanoseconds[part.Groups[2].Value])
            : throw new QueryException($"invalid expression: invalid value for search attribute ExecutionDuration: '{text}'");
    }

    [GeneratedRegex(@"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)")]
    private static partial Regex DurationPart();
}
