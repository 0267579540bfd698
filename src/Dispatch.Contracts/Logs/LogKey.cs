using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts.Logs;

/// <summary>Names the log of one attempt.</summary>
/// <param name="Job">The job.</param>
/// <param name="Conversation">The conversation.</param>
/// <param name="Attempt">The attempt, from 1.</param>
public sealed record LogKey(JobId Job, ConversationId Conversation, int Attempt);
