using System.Globalization;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility.Queries;

/// <summary>
/// A condition ready to be asked of rows. Its logic has three values, as in SQL: a comparison with a field that a row doesn't have is
/// neither true nor false (null), so NOT doesn't make it true. Texts and keyword lists are an exception: there it is false.
/// </summary>
internal sealed class Filter
{
    private readonly Func<string, IndexedValueType?> typeOf;
    private bool mentionsDivision;

    private Filter(Func<string, IndexedValueType?> typeOf) => this.typeOf = typeOf;

    /// <summary>Compiles a condition.</summary>
    /// <param name="where">The condition; null admits all.</param>
    /// <param name="typeOf">The types of the namespace's fields.</param>
    /// <exception cref="QueryException">An unknown field, or a comparison that its type doesn't have.</exception>
    public static Predicate<IndexedRow> Compile(Expression? where, Func<string, IndexedValueType?> typeOf)
    {
        var filter = new Filter(typeOf);
        Func<IndexedRow, bool?> condition = where is null ? _ => true : filter.Compile(where);

        // Rows of the server's own workflows are shown only to who asks for their division.
        return filter.mentionsDivision
            ? row => condition(row) == true
            : row => row.Value(Field.Division, IndexedValueType.Keyword) is null && condition(row) == true;
    }

    private Func<IndexedRow, bool?> Compile(Expression expression)
    {
        switch (expression)
        {
            case Expression.And(var left, var right):
                var (leftAll, rightAll) = (Compile(left), Compile(right));
                return row => leftAll(row) is var one && one == false ? false : And(one, rightAll(row));
            case Expression.Or(var left, var right):
                var (leftAny, rightAny) = (Compile(left), Compile(right));
                return row => leftAny(row) is var one && one == true ? true : !And(!one, !rightAny(row));
            case Expression.Not(var inner):
                var condition = Compile(inner);
                return row => !condition(row);
            case Expression.IsNull(var name):
                var field = Find(name);
                return row => field.Read(row) is null;
            case Expression.In(var name, _) when Find(name) is { Type: IndexedValueType.Text } text:
                throw NotSupported("IN", text);
            case Expression.In(var name, var values):
                var tests = values.Select(value => Compile(new Expression.Compare(name, Comparison.Equal, value))).ToArray();
                return row => tests.Aggregate((bool?)false, (any, test) => any == true ? true : !And(!any, !test(row)));
            case Expression.Between(var name, _, _)
                when Find(name) is { Type: IndexedValueType.Text or IndexedValueType.KeywordList or IndexedValueType.Bool } unordered:
                throw new QueryException(
                    $"invalid expression: cannot do range condition on search attribute '{unordered.Name}' of type {unordered.Type}");
            case Expression.Between(var name, var low, var high):
                return Compile(new Expression.And(
                    new Expression.Compare(name, Comparison.GreaterOrEqual, low),
                    new Expression.Compare(name, Comparison.LessOrEqual, high)));
            case Expression.Compare(var name, var by, var value):
                return CompileComparison(Find(name), by, value);
            default:
                throw new InvalidOperationException($"No such condition: {expression}");
        }
    }

    private static Func<IndexedRow, bool?> CompileComparison(Field field, Comparison by, Literal literal)
    {
        var operand = Operand.For(field, literal);
        switch (field.Type)
        {
            case IndexedValueType.Text when by is Comparison.Equal or Comparison.NotEqual:
                var words = Words((string)operand);
                return row => (field.Read(row) is string text && Words(text).Overlaps(words)) == (by == Comparison.Equal);
            case IndexedValueType.KeywordList when by is Comparison.Equal or Comparison.NotEqual:
                return row => (field.Read(row) is string[] list && list.Contains((string)operand)) == (by == Comparison.Equal);
            case IndexedValueType.Keyword when by == Comparison.StartsWith:
                return row => field.Read(row) is string text ? text.StartsWith((string)operand, StringComparison.Ordinal) : null;
            case IndexedValueType.Text or IndexedValueType.KeywordList:
                throw NotSupported(by.ToString(), field);
            case var _ when by != Comparison.StartsWith:
                return row => field.Read(row) is { } value ? Holds(by, Order(value, operand)) : null;
            default:
                throw NotSupported(by.ToString(), field);
        }
    }

    private static QueryException NotSupported(string comparison, Field field) =>
        new($"operation is not supported: operator {comparison} on search attribute {field.Name} of type {field.Type}");

    private static int Order(object value, object operand) => (value, operand) switch
    {
        (string left, string right) => string.CompareOrdinal(left, right),
        (long left, long right) => left.CompareTo(right),
        (DateTimeOffset left, DateTimeOffset right) => left.CompareTo(right),
        (bool left, bool right) => left.CompareTo(right),
        _ => Convert.ToDouble(value, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(operand, CultureInfo.InvariantCulture)),
    };

    private static bool Holds(Comparison by, int order) => by switch
    {
        Comparison.Equal => order == 0,
        Comparison.NotEqual => order != 0,
        Comparison.Less => order < 0,
        Comparison.LessOrEqual => order <= 0,
        Comparison.Greater => order > 0,
        _ => order >= 0,
    };

    private static bool? And(bool? one, bool? other) => (one, other) switch
    {
        (false, _) or (_, false) => false,
        (true, true) => true,
        _ => null,
    };

    private static HashSet<string> Words(string text)
    {
        var words = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var belongs = i < text.Length && char.IsLetterOrDigit(text[i]);
            if (belongs && start < 0)
            {
                start = i;
            }
            else if (!belongs && start >= 0)
            {
                words.Add(text[start..i]);
                start = -1;
            }
        }

        return words;
    }

    private Field Find(string name)
    {
        var field = Field.Find(name, typeOf);
        mentionsDivision |= field.Name == Field.Division;
        return field;
    }
}
