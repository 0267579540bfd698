namespace Dispatch.Engine.Visibility.Queries;

/// <summary>A value as it was written: a string, a long, a double or a bool.</summary>
internal readonly record struct Literal(object Value)
{
    public override string ToString() => Value is string ? $"'{Value}'" : Convert.ToString(Value, System.Globalization.CultureInfo.InvariantCulture)!;
}
