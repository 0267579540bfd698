namespace Dispatch.Engine.Visibility.Queries;

/// <summary>A word of a query. A name in back-ticks is a name even when it reads like a keyword.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int At)
{
    public bool IsWord(string word) => Kind == TokenKind.Word && Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && Text == symbol;
}
