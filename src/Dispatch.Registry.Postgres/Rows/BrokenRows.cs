using Dispatch.Contracts.Errors;
using Dispatch.Registry.Loops;
using Microsoft.Extensions.Logging;

namespace Dispatch.Registry.Postgres.Rows;

/// <summary>Tells of rows that contradict themselves, wherever they are read: once, and again now and then while they do.</summary>
/// <param name="logger">The log.</param>
internal sealed partial class BrokenRows(ILogger logger)
{
    private readonly Told told = new(TimeProvider.System);

    public void Tell(DispatchException broken)
    {
        if (told.Of(broken.Message) is { } text) LogBroken(text);
    }

    [LoggerMessage(EventId = 3111, Level = LogLevel.Error, Message = "{Error}")]
    private partial void LogBroken(string error);
}
