using Microsoft.Extensions.Logging;

namespace Dispatch.Workers;

/// <content>What is logged.</content>
public sealed partial class WorkerService
{
    [LoggerMessage(4202, LogLevel.Information, "Job {Job}, attempt {Attempt}, was here before the restart and is taken up again")]
    private partial void TakenUp(string job, int attempt);

    [LoggerMessage(4203, LogLevel.Error, "The attempt in {Folder} needs a runtime that does not answer or is not allowed any more; it is left alone")]
    private partial void RuntimeGone(string folder);

    [LoggerMessage(4204, LogLevel.Error, "The attempt in {Folder} cannot be read; it is left alone")]
    private partial void AttemptUnreadable(Exception unreadable, string folder);

    [LoggerMessage(4206, LogLevel.Warning, "The registry does not know the worker any more: it registers again")]
    private partial void RegistersAgain();

    [LoggerMessage(4207, LogLevel.Critical, "{Why}")]
    private partial void Superseded(string why);

    [LoggerMessage(4209, LogLevel.Critical, "{Why}")]
    private partial void RuntimeReplaced(string why);

    [LoggerMessage(4208, LogLevel.Information, "The registry was not told that the worker ended: {Reason}")]
    private partial void NotSaid(string reason);
}
