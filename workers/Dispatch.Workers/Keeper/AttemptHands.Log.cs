using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Keeper;

/// <content>What is logged.</content>
internal sealed partial class AttemptHands
{
    [LoggerMessage(4010, LogLevel.Error, "An action for lease {Lease} failed")]
    private partial void ActionFailed(Exception fault, string lease);

    [LoggerMessage(4011, LogLevel.Error, "The worker's disk refuses to keep what it must of lease {Lease}; said at most once a minute: {Reason}")]
    private partial void DiskRefused(string lease, string reason);

    [LoggerMessage(4012, LogLevel.Error, "The runtime {Runtime} failed for lease {Lease}; said at most once a minute")]
    private partial void RuntimeFault(Exception fault, string runtime, string lease);

    [LoggerMessage(4013, LogLevel.Warning, "The container of lease {Lease} could not be stopped and is tried again: {Reason}")]
    private partial void HaltRefused(string lease, string reason);

    [LoggerMessage(4014, LogLevel.Warning, "The container of lease {Lease} could not be removed and is tried again: {Reason}")]
    private partial void RemovalRefused(string lease, string reason);

    [LoggerMessage(4015, LogLevel.Warning, "Lease {Lease} waits for its guard: {Reason}")]
    private partial void GuardSilent(string lease, string reason);

    [LoggerMessage(4016, LogLevel.Information, "Lease {Lease} is returned later: {Reason}")]
    private partial void RegistryAway(string lease, string reason);
}
