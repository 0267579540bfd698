using System.Globalization;

namespace Dispatch.Engine.Visibility.Queries;

/// <summary>
/// Reads <c>[condition] [GROUP BY field, …]</c>. Keywords have no case, AND binds tighter than OR, NOT tightest.
/// </summary>
internal sealed class Parser
{
    /// <summary>Most brackets and NOTs within each other.</summary>
    private const int DepthMax = 100;

    /// <summary>Longest query, in characters.</summary>
    private const int QueryCharsMax = 65_536;

    private static readonly Dictionary<string, Comparison> Comparisons = new()
    {
        ["="] = Comparison.Equal,
        ["!="] = Comparison.NotEqual,
        ["<>"] = Comparison.NotEqual,
        ["<"] = Comparison.Less,
        ["<="] = Comparison.LessOrEqual,
        [">"] = Comparison.Greater,
        [">="] = Comparison.GreaterOrEqual,
    };

    private readonly List<Token> tokens;
    private int next;
    private int depth;

    private Parser(List<Token> tokens) => this.tokens = tokens;

    private Token Current => tokens[next];

    /// <exception cref="QueryException">It isn't a query.</exception>
    public static ParsedQuery Parse(string query)
    {
        if (query.Length > QueryCharsMax)
        {
            throw new QueryException($"the query has {query.Length} characters; {QueryCharsMax} are allowed");
        }

        return new Parser(Lexer.Cut(query)).Whole();
    }

    private ParsedQuery Whole()
    {
        var hasWhere = Current.Kind != TokenKind.End && !Current.IsWord("GROUP") && !Current.IsWord("ORDER") && !Current.IsWord("LIMIT");
        var where = hasWhere ? Either() : null;
        var fields = new List<string>();
        if (TakeWord("GROUP"))
        {
            Expect("BY");
            do
            {
                fields.Add(Name());
            }
            while (TakeSymbol(","));
        }

        _ = TakeSymbol(";");
        return Current.Kind switch
        {
            TokenKind.End => new ParsedQuery(where, fields),
            _ when Current.IsWord("ORDER") => throw new QueryException("operation is not supported: 'ORDER BY' clause"),
            _ when Current.IsWord("LIMIT") => throw new QueryException("operation is not supported: 'LIMIT' clause"),
            _ => throw Unexpected("AND, OR or the end"),
        };
    }

    private Expression Either()
    {
        var left = Both();
        while (TakeWord("OR") || TakeSymbol("||"))
        {
            left = new Expression.Or(left, Both());
        }

        return left;
    }

    private Expression Both()
    {
        var left = One();
        while (TakeWord("AND") || TakeSymbol("&&"))
        {
            left = new Expression.And(left, One());
        }

        return left;
    }

    private Expression One()
    {
        if (++depth > DepthMax)
        {
            throw new QueryException($"conditions are nested more than {DepthMax} deep");
        }

        Expression result;
        if (TakeWord("NOT"))
        {
            result = new Expression.Not(One());
        }
        else if (TakeSymbol("("))
        {
            result = Either();
            ExpectSymbol(")");
        }
        else
        {
            result = Condition(Name());
        }

        depth--;
        return result;
    }

    private Expression Condition(string field)
    {
        if (TakeWord("IS"))
        {
            var negated = TakeWord("NOT");
            Expect("NULL");
            return Maybe(negated, new Expression.IsNull(field));
        }

        if (Current.Kind == TokenKind.Symbol && Comparisons.TryGetValue(Current.Text, out var comparison))
        {
            next++;
            return new Expression.Compare(field, comparison, Value());
        }

        var not = TakeWord("NOT");
        if (TakeWord("IN"))
        {
            return Maybe(not, new Expression.In(field, Values()));
        }

        if (TakeWord("BETWEEN"))
        {
            var low = Value();
            Expect("AND");
            return Maybe(not, new Expression.Between(field, low, Value()));
        }

        return TakeWord("STARTS_WITH")
            ? Maybe(not, new Expression.Compare(field, Comparison.StartsWith, Value()))
            : throw Unexpected("a comparison");
    }

    private List<Literal> Values()
    {
        var values = new List<Literal>();
        ExpectSymbol("(");
        do
        {
            values.Add(Value());
        }
        while (TakeSymbol(","));
        ExpectSymbol(")");
        return values;
    }

    private Literal Value()
    {
        var sign = TakeSymbol("-") ? "-" : TakeSymbol("+") ? "+" : "";
        var token = Current;
        next = Math.Min(next + 1, tokens.Count - 1);
        return token.Kind switch
        {
            TokenKind.Number when long.TryParse(sign + token.Text, CultureInfo.InvariantCulture, out var whole) => new Literal(whole),
            TokenKind.Number when double.TryParse(sign + token.Text, CultureInfo.InvariantCulture, out var number) => new Literal(number),
            TokenKind.Text when sign.Length == 0 => new Literal(token.Text),
            TokenKind.Word when sign.Length == 0 && token.IsWord("true") => new Literal(true),
            TokenKind.Word when sign.Length == 0 && token.IsWord("false") => new Literal(false),
            _ => throw new QueryException($"malformed SQL query: syntax error at position {token.At + 1} near '{token.Text}': expected a value"),
        };
    }

    private string Name()
    {
        if (Current.Kind is not (TokenKind.Word or TokenKind.QuotedName))
        {
            throw Unexpected("the name of a search attribute");
        }

        return tokens[next++].Text;
    }

    private static Expression Maybe(bool negated, Expression expression) => negated ? new Expression.Not(expression) : expression;

    private bool TakeWord(string word)
    {
        var taken = Current.IsWord(word);
        next += taken ? 1 : 0;
        return taken;
    }

    private bool TakeSymbol(string symbol)
    {
        var taken = Current.IsSymbol(symbol);
        next += taken ? 1 : 0;
        return taken;
    }

    private void Expect(string word)
    {
        if (!TakeWord(word))
        {
            throw Unexpected(word);
        }
    }

    private void ExpectSymbol(string symbol)
    {
        if (!TakeSymbol(symbol))
        {
            throw Unexpected($"'{symbol}'");
        }
    }

    private QueryException Unexpected(string expected) =>
        new($"malformed SQL query: syntax error at position {Current.At + 1} near '{Current.Text}': expected {expected}");
}
