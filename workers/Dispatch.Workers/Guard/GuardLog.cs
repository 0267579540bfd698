using Dispatch.Runtimes.Process;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Guard;

/// <summary>What the guard says. Event ids 3600 to 3699.</summary>
internal static partial class GuardLog
{
    [LoggerMessage(3600, LogLevel.Information, "guard of {DataDirectory} listens. {Limits}")]
    internal static partial void Listening(ILogger logger, string dataDirectory, string limits);

    [LoggerMessage(3601, LogLevel.Information, "the worker stayed away and nothing runs: the guard ends")]
    internal static partial void Leaving(ILogger logger);

    [LoggerMessage(3602, LogLevel.Warning, "the permission of process {Name} has ended: killed")]
    internal static partial void ProcessKilled(ILogger logger, string name);

    [LoggerMessage(3603, LogLevel.Warning, "the permission of container {Container} of {Runtime} has ended: killed by {Means}, gone: {Gone}")]
    internal static partial void ContainerKilled(ILogger logger, string container, string runtime, string means, bool gone);

    [LoggerMessage(3604, LogLevel.Error, "{Count} processes that {Name} left behind do not die")]
    internal static partial void LeftoversStay(ILogger logger, string name, int count);

    [LoggerMessage(3605, LogLevel.Error, "it could not be found out what {Name} left behind")]
    internal static partial void LeftoversUnknown(ILogger logger, string name, Exception error);

    [LoggerMessage(3606, LogLevel.Information, "the cgroup of {Name} is removed later: it is still in use")]
    internal static partial void CgroupStays(ILogger logger, string name);

    [LoggerMessage(3607, LogLevel.Error, "the exit report of {Name} cannot be written")]
    internal static partial void ReportNotWritten(ILogger logger, string name, Exception error);

    [LoggerMessage(3608, LogLevel.Warning, "an earlier guard died: {Count} processes of {Name} were killed")]
    internal static partial void LeftoversOfDeadGuard(ILogger logger, string name, int count);

    [LoggerMessage(3609, LogLevel.Warning, "a worker's connection ended: {Reason}")]
    internal static partial void ConnectionBroken(ILogger logger, string reason);

    [LoggerMessage(3610, LogLevel.Error, "a tick of the guard failed; the next one tries again")]
    internal static partial void TickFailed(ILogger logger, Exception error);

    [LoggerMessage(3611, LogLevel.Error, "the permission in {Directory} cannot be read: taken as ended")]
    internal static partial void PermissionUnreadable(ILogger logger, string directory, Exception error);

    [LoggerMessage(3612, LogLevel.Error, "container {Container} of {Runtime} could not be killed through its runtime")]
    internal static partial void KillerFailed(ILogger logger, string container, string runtime, Exception error);

    [LoggerMessage(3613, LogLevel.Error, "a question of kind {Kind} could not be answered: the connection is closed")]
    internal static partial void AnswerFailed(ILogger logger, GuardFrame kind, Exception error);

    [LoggerMessage(3614, LogLevel.Error, "how {Name} started cannot be written; it runs")]
    internal static partial void StartNotWritten(ILogger logger, string name, Exception error);

    [LoggerMessage(3615, LogLevel.Error, "that {Name} was removed cannot be written; it is removed once more when a guard has found it again")]
    internal static partial void RemovalNotWritten(ILogger logger, string name, Exception error);
}
