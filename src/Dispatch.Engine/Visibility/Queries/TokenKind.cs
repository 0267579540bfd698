namespace Dispatch.Engine.Visibility.Queries;

internal enum TokenKind
{
    End,
    Word,
    QuotedName,
    Text,
    Number,
    Symbol,
}
