using System.Text;

namespace Dispatch.Engine.Visibility.Queries;

/// <summary>Cuts a query into words.</summary>
internal static class Lexer
{
    private static readonly string[] Symbols = ["<=", ">=", "!=", "<>", "=", "<", ">", "(", ")", ",", "&&", "||", ";", "-", "+"];

    /// <exception cref="QueryException">A character that no word begins with, or a quote that isn't closed.</exception>
    public static List<Token> Cut(string query)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (at < query.Length)
        {
            if (char.IsWhiteSpace(query[at]))
            {
                at++;
                continue;
            }

            var token = Next(query, ref at);
            tokens.Add(token);
        }

        tokens.Add(new Token(TokenKind.End, "end of query", query.Length));
        return tokens;
    }

    private static Token Next(string query, ref int at)
    {
        var start = at;
        var first = query[at];
        if (first is '\'' or '"' or '`')
        {
            var text = Quoted(query, ref at);
            return new Token(first == '`' ? TokenKind.QuotedName : TokenKind.Text, text, start);
        }

        if (char.IsAsciiDigit(first) || (first is '-' or '+' or '.' && at + 1 < query.Length && char.IsAsciiDigit(query[at + 1])))
        {
            at++;
            Skip(query, ref at, letter => char.IsAsciiLetterOrDigit(letter) || letter == '.');
            return new Token(TokenKind.Number, query[start..at], start);
        }

        if (char.IsLetter(first) || first == '_')
        {
            Skip(query, ref at, letter => char.IsLetterOrDigit(letter) || letter is '_' or '.');
            return new Token(TokenKind.Word, query[start..at], start);
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(query, at, symbol, 0, symbol.Length) == 0)
            {
                at += symbol.Length;
                return new Token(TokenKind.Symbol, symbol, start);
            }
        }

        throw new QueryException($"malformed SQL query: syntax error at position {at + 1} near '{first}'");
    }

    /// <summary>A quoted text; the quote itself is written twice or after a backslash.</summary>
    private static string Quoted(string query, ref int at)
    {
        var quote = query[at];
        var text = new StringBuilder();
        for (var i = at + 1; i < query.Length; i++)
        {
            var isEscape = (query[i] == '\\' && quote != '`') || (query[i] == quote && i + 1 < query.Length && query[i + 1] == quote);
            if (isEscape && i + 1 < query.Length)
            {
                text.Append(query[i] == quote ? quote : Escaped(query[i + 1]));
                i++;
            }
            else if (query[i] == quote)
            {
                at = i + 1;
                return text.ToString();
            }
            else
            {
                text.Append(query[i]);
            }
        }

        throw new QueryException($"malformed SQL query: syntax error at position {at + 1}: the quote is not closed");
    }

    private static char Escaped(char letter) => letter switch
    {
        '0' => '\0',
        'b' => '\b',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => letter,
    };

    private static void Skip(string query, ref int at, Func<char, bool> belongs)
    {
        while (at < query.Length && belongs(query[at]))
        {
            at++;
        }
    }
}
