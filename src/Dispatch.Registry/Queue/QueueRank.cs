using Dispatch.Contracts.Ids;
using Dispatch.Registry.Leases;

namespace Dispatch.Registry.Queue;

/// <summary>A waiting job's place in the order: priority, then age, then id.</summary>
/// <param name="Priority">0…100; the higher goes first.</param>
/// <param name="QueuedAt">When it was submitted, UTC; the older goes first.</param>
/// <param name="Job">The job.</param>
/// <param name="Conversation">The conversation.</param>
public readonly record struct QueueRank(int Priority, DateTimeOffset QueuedAt, JobId Job, ConversationId Conversation) : IComparable<QueueRank>
{
    /// <summary>The rank of a row.</summary>
    /// <param name="row">The row.</param>
    /// <returns>Its rank.</returns>
    public static QueueRank Of(JobRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new(row.Priority, row.QueuedAt, row.Job, row.Conversation);
    }

    /// <summary>Whether one rank comes before another.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>True where the first comes before.</returns>
    public static bool operator <(QueueRank left, QueueRank right) => left.CompareTo(right) < 0;

    /// <summary>Whether one rank comes after another.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>True where the first comes after.</returns>
    public static bool operator >(QueueRank left, QueueRank right) => left.CompareTo(right) > 0;

    /// <summary>Whether one rank does not come after another.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>True where the first comes before, or they are equal.</returns>
    public static bool operator <=(QueueRank left, QueueRank right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one rank does not come before another.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>True where the first comes after, or they are equal.</returns>
    public static bool operator >=(QueueRank left, QueueRank right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public int CompareTo(QueueRank other)
    {
        var order = other.Priority.CompareTo(Priority);
        if (order == 0) order = QueuedAt.CompareTo(other.QueuedAt);
        if (order == 0) order = string.CompareOrdinal(Job.Value, other.Job.Value);
        return order != 0 ? order : string.CompareOrdinal(Conversation.Value, other.Conversation.Value);
    }
}
