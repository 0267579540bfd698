using Dispatch.Contracts.Ids;

namespace Dispatch.Workflows.Jobs;

/// <summary>What is known of a job's run before its spec is read.</summary>
internal sealed record JobFacts
{
    /// <summary>The job: the workflow id.</summary>
    public required JobId Job { get; init; }

    /// <summary>The conversation: the original run id.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary>The Temporal run.</summary>
    public required string RunId { get; init; }

    /// <summary>The workflow's own task queue.</summary>
    public required string TaskQueue { get; init; }

    /// <summary>Who started the job.</summary>
    public required string Trigger { get; init; }

    /// <summary>When the server took the start, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }
}
