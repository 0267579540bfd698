using System.Text.Json;
using System.Text.Json.Serialization;
using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts.Http;

/// <summary>What a client sends to start a job.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record JobSubmission
{
    /// <summary>The job's id, 1 to 200 characters; null lets the server make one.</summary>
    public string? Id { get; init; }

    /// <summary>The job spec as written; it is read by <c>JobSpecReader</c>.</summary>
    public JsonElement Spec { get; init; }

    /// <summary>Who started it: <c>cli</c>; null is <c>endpoint(ADDRESS)</c>, which the server fills in.</summary>
    public string? Trigger { get; init; }
}

/// <summary>The answer to a submission: 201 where the job was created, 200 where it was there with an equal spec.</summary>
public sealed record JobAccepted
{
    /// <summary>The job.</summary>
    public required JobId Id { get; init; }

    /// <summary>Its conversation.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary>Its Temporal run.</summary>
    public required string RunId { get; init; }

    /// <summary>Whether this submission made it.</summary>
    public required bool Created { get; init; }

    /// <summary>Its state now.</summary>
    public required JobState State { get; init; }
}
