using System.Security.Cryptography;
using System.Text;
using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;
using Dispatch.Routing;

namespace Dispatch.Registry.Postgres.Rows;

/// <summary>Table <c>job</c>: who may ask, and the version that every change of anything of the job raises.</summary>
internal sealed record StoredJob(JobId Job, long Version, string RunId, IReadOnlyList<string> OlderRuns, long Fence)
{
    public static StoredJob Of(JobState state, long version) => new(state.Job, version, state.RunId, state.OlderRuns, state.Fence);
}

/// <summary>Table <c>conversation</c>: what an ask says.</summary>
internal sealed record StoredConversation(JobId Job, ConversationId Conversation, StoredFacts Facts, string Shape, string SpecJson, string SpecDigest)
{
    public static StoredConversation Of(JobRow row) => new(row.Job, row.Conversation, StoredFacts.Of(row.Facts), row.Shape, row.SpecJson, row.SpecDigest);
}

/// <summary>Table <c>offer</c>: what is said once when a worker is offered.</summary>
internal sealed record StoredOffer(
    JobId Job, ConversationId Conversation, LeaseId Lease, string Router, WorkerHost Host, Amounts Needs, TimeProfile Profile, PlacementExplanation? Explanation)
{
    public static StoredOffer Of(JobRow row, LeaseGrant grant) =>
        new(row.Job, row.Conversation, grant.Lease, grant.Router, grant.Host, grant.Needs, grant.Profile, grant.Explanation);
}

/// <summary>Table <c>outcome</c>: what came of an attempt.</summary>
internal sealed record StoredOutcome(JobId Job, ConversationId Conversation, LeaseId Lease, ContainerReport? Outcome, ContainerFailure? Failure);

/// <summary>Table <c>queue</c>: a place among the waiting.</summary>
internal sealed record StoredPlace(JobId Job, ConversationId Conversation, string Pool, string ShapeKey, int Priority, DateTimeOffset QueuedAt)
{
    private const int KeyBytes = 12;

    public static StoredPlace Of(JobRow row) => new(row.Job, row.Conversation, row.Facts.Pool, KeyOf(row.Shape), row.Priority, row.QueuedAt);

    /// <summary>A shape's text may be longer than an index takes.</summary>
    private static string KeyOf(string shape) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(shape)).AsSpan(0, KeyBytes));
}

/// <summary>Table <c>lease</c>: a lease that may be named; its holder is the worker on which it takes room or may come to life.</summary>
internal sealed record StoredLease(LeaseId Lease, JobId Job, WorkerId Worker, Amounts Needs, WorkerId? Holder);

/// <summary>The key of an attempt's row.</summary>
internal readonly record struct RowKey(JobId Job, ConversationId Conversation);
