using Dispatch.Contracts.Errors;
using Microsoft.Extensions.Logging;

namespace Dispatch.Registry.Loops;

/// <summary>What a turn could not do for one job or one worker: that is told now and then and left alone, and the turn goes on with the others. Safe for several threads.</summary>
/// <param name="time">The monotonic clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class LeftAlone(TimeProvider time, ILogger logger)
{
    private readonly Told told = new(time);

    /// <summary>Whether an error is of the one alone: neither the registry's being away, which is everybody's, nor the end of the loop.</summary>
    /// <param name="error">The error.</param>
    /// <returns>Whether the others can go on.</returns>
    public static bool Is(Exception error) => error is RowsHeldException || (error is not OperationCanceledException && error is not DispatchException { IsTransient: true });

    /// <summary>Does something for one; where that one is left alone, says so.</summary>
    /// <param name="what">What is not done then, as a sentence without its full stop.</param>
    /// <param name="act">What is to be done.</param>
    /// <returns>What came of it; the default where it was left alone.</returns>
    public async Task<T?> TryAsync<T>(string what, Func<Task<T>> act)
    {
        try
        {
            return await act().ConfigureAwait(false);
        }
        catch (Exception error) when (Is(error))
        {
            Tell(what, error);
            return default;
        }
    }

    /// <summary>Says that one is left alone, where that is news.</summary>
    /// <param name="what">What is not done, as a sentence without its full stop.</param>
    /// <param name="error">Why.</param>
    public void Tell(string what, Exception error)
    {
        if (told.Of($"{what}: {error.Message}") is not { } text) return;
        if (error is DispatchException) LogLeft(text);
        else LogStumbled(text, error);
    }

    [LoggerMessage(EventId = 3014, Level = LogLevel.Error, Message = "{Text} The others go on.")]
    private partial void LogLeft(string text);

    [LoggerMessage(EventId = 3015, Level = LogLevel.Error, Message = "{Text} Nobody foresaw that. The others go on.")]
    private partial void LogStumbled(string text, Exception error);
}
