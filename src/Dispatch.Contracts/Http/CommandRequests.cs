using System.Text.Json.Serialization;

namespace Dispatch.Contracts.Http;

/// <summary>How a job is stopped.</summary>
public enum StopMode
{
    /// <summary>SIGTERM, the spec's grace, SIGKILL.</summary>
    Graceful,

    /// <summary>SIGKILL at once.</summary>
    Now,
}

/// <summary>What every control carries.</summary>
public abstract record CommandRequest
{
    /// <summary>Who asks; not blank, at most 200 characters.</summary>
    public string RequestedBy { get; init; } = "";

    /// <summary>Why; not blank, at most 500 characters.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The command's id, so that a repeat is harmless; null lets the server make one.</summary>
    public string? CommandId { get; init; }
}

/// <summary>Stop a job.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record StopRequest : CommandRequest
{
    /// <summary>How.</summary>
    public StopMode Mode { get; init; }
}

/// <summary>Extend the run deadline.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ExtendRequest : CommandRequest
{
    /// <summary>By how much: a duration such as <c>10m</c> (<c>DurationText</c>), more than zero.</summary>
    public string By { get; init; } = "";
}

/// <summary>Set the priority.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PriorityRequest : CommandRequest
{
    /// <summary>The new priority, 0…100.</summary>
    public int? Priority { get; init; }
}

/// <summary>Pause before placement, or go on.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PauseRequest : CommandRequest;
