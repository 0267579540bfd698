using System.Collections.Immutable;
using Dispatch.Contracts.Ids;

namespace Dispatch.Registry.Leases;

/// <summary>All that the registry has of one job. Immutable; the statements of <see cref="JobLife"/> make a new one.</summary>
public sealed record JobState
{
    /// <summary>Older runs that are remembered to be refused; further ones are asked about in Temporal again.</summary>
    public const int OlderRunsMax = 50;

    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The run that may ask.</summary>
    public required string RunId { get; init; }

    /// <summary>Runs that may not ask any more, the newest last.</summary>
    public ImmutableArray<string> OlderRuns { get; init; } = [];

    /// <summary>The fence of the newest offer.</summary>
    public long Fence { get; init; }

    /// <summary>Its conversations, oldest first.</summary>
    public ImmutableArray<JobRow> Rows { get; init; } = [];

    /// <summary>The row of a conversation.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <returns>The row, or null.</returns>
    public JobRow? RowOf(ConversationId conversation)
    {
        foreach (var row in Rows)
        {
            if (row.Conversation == conversation) return row;
        }

        return null;
    }

    /// <summary>The row whose attempt has a lease.</summary>
    /// <param name="lease">The lease.</param>
    /// <returns>The row, or null where the lease was superseded or is unknown.</returns>
    public JobRow? RowOf(LeaseId lease)
    {
        foreach (var row in Rows)
        {
            if (row.Grant?.Lease == lease) return row;
        }

        return null;
    }

    internal JobState With(JobRow row)
    {
        for (var i = 0; i < Rows.Length; i++)
        {
            if (Rows[i].Conversation != row.Conversation) continue;
            return ReferenceEquals(Rows[i], row) ? this : this with { Rows = Rows.SetItem(i, row) };
        }

        return this with { Rows = Rows.Add(row) };
    }
}
