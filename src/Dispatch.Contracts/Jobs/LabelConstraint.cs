namespace Dispatch.Contracts.Jobs;

/// <summary>How a label is compared.</summary>
public enum LabelOperator
{
    /// <summary><c>=</c>: the label has the one value.</summary>
    Equal,

    /// <summary><c>!=</c>: the label is missing or has another value.</summary>
    NotEqual,

    /// <summary><c>in</c>: the label has one of the values.</summary>
    In,

    /// <summary><c>notin</c>: the label is missing or has none of the values.</summary>
    NotIn,

    /// <summary><c>exists</c>: the label is there.</summary>
    Exists,

    /// <summary><c>&gt;</c>: the label is a number above the value.</summary>
    Greater,

    /// <summary><c>&lt;</c>: the label is a number below the value.</summary>
    Less,
}

/// <summary>What a worker's label must fulfil.</summary>
/// <param name="Label">The label's name.</param>
/// <param name="Op">The comparison.</param>
/// <param name="Values">One value for <c>= != &gt; &lt;</c>, one or more for <c>in notin</c>, none for <c>exists</c>.</param>
public sealed record LabelConstraint(string Label, LabelOperator Op, IReadOnlyList<string> Values)
{
    /// <summary>Equal when label, comparison and values (in their order) are.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether both ask the same.</returns>
    public bool Equals(LabelConstraint? other) => other is not null && Label == other.Label && Op == other.Op && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Label, Op, Values.Count, Values.Count > 0 ? Values[0] : null);
}

/// <summary>What a worker's label should fulfil.</summary>
/// <param name="Constraint">The comparison.</param>
/// <param name="Weight">−100 to 100.</param>
public sealed record LabelPreference(LabelConstraint Constraint, int Weight);
