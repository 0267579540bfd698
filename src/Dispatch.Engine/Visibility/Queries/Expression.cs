namespace Dispatch.Engine.Visibility.Queries;

/// <summary>A condition as it was written.</summary>
internal abstract record Expression
{
    public sealed record And(Expression Left, Expression Right) : Expression;

    public sealed record Or(Expression Left, Expression Right) : Expression;

    public sealed record Not(Expression Inner) : Expression;

    public sealed record IsNull(string Field) : Expression;

    public sealed record Compare(string Field, Comparison By, Literal Value) : Expression;

    public sealed record In(string Field, IReadOnlyList<Literal> Values) : Expression;

    public sealed record Between(string Field, Literal Low, Literal High) : Expression;
}
