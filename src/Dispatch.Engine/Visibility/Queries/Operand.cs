using Dispatch.Engine.History;
using Google.Protobuf.Reflection;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility.Queries;

/// <summary>Turns a written value into one of a field's type.</summary>
internal static class Operand
{
    private static readonly EnumDescriptor Statuses = WorkflowReflection.Descriptor.FindTypeByName<EnumDescriptor>(nameof(WorkflowExecutionStatus));

    /// <exception cref="QueryException">The value is not of the field's type.</exception>
    public static object For(Field field, Literal literal) => (field.Type, literal.Value) switch
    {
        _ when field.IsStatus => (long)Status(literal),
        _ when field.IsDuration => Duration(literal),
        (IndexedValueType.Text, string text) when string.IsNullOrWhiteSpace(text) =>
            throw new QueryException($"invalid expression: no tokens found filtering on Text type search attribute {field.Name}"),
        (IndexedValueType.Keyword or IndexedValueType.KeywordList or IndexedValueType.Text, string text) => text,
        (IndexedValueType.Int or IndexedValueType.Double, long or double) => literal.Value,
        (IndexedValueType.Bool, bool truth) => truth,
        (IndexedValueType.Datetime, long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick),
        (IndexedValueType.Datetime, string text) => SearchAttributeValue.TryInstant(text, out var instant)
            ? instant
            : throw new QueryException($"invalid expression: unable to parse datetime '{text}'"),
        _ => throw WrongType(field.Name, field.Type, literal),
    };

    /// <summary>A status by its number, its name (<c>Running</c>) or its whole name in the protocol.</summary>
    /// <exception cref="QueryException">There is no such status.</exception>
    public static WorkflowExecutionStatus Status(Literal literal)
    {
        var found = literal.Value switch
        {
            long number when number == (int)number => Statuses.FindValueByNumber((int)number)?.Number,
            string name when Enum.IsDefined(typeof(WorkflowExecutionStatus), name) => (int)Enum.Parse<WorkflowExecutionStatus>(name),
            string name => Statuses.FindValueByName(name)?.Number,
            _ => null,
        };
        return found is { } status
            ? (WorkflowExecutionStatus)status
            : throw new QueryException($"invalid expression: invalid ExecutionStatus value {literal}");
    }

    /// <summary>Nanoseconds: a number, or a text such as <c>1h2m</c>, <c>1.5d</c> or <c>01:02:03</c>.</summary>
    private static long Duration(Literal literal) => literal.Value switch
    {
        long nanoseconds => nanoseconds,
        string text when long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var nanoseconds) => nanoseconds,
        string text when (GoDuration.TryParse(text, knowsDays: true) ?? GoDuration.TryClock(text)) is { } span =>
            (long)Math.Clamp((decimal)span.Ticks * TimeSpan.NanosecondsPerTick, long.MinValue, long.MaxValue),
        string => throw new QueryException($"invalid expression: invalid duration value for search attribute ExecutionDuration: {literal}"),
        _ => throw WrongType("ExecutionDuration", IndexedValueType.Int, literal),
    };

    private static QueryException WrongType(string name, IndexedValueType type, Literal literal) =>
        new($"invalid expression: invalid value type for search attribute {name} of type {type}: {literal}");
}
