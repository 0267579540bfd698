using Microsoft.Extensions.Logging;

namespace Dispatch.Cli.Roles;

/// <summary>Hands logs on, with exceptions told as <see cref="LogWords"/> says.</summary>
/// <param name="inner">Takes them; stays its owner's.</param>
internal sealed class PlainLogs(ILoggerProvider inner) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new PlainLog(inner.CreateLogger(categoryName), categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class PlainLog(ILogger inner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (LogWords.IsNoise(category, exception))
                return;
            if (exception is not null && LogWords.Sentence(formatter(state, exception), exception) is { } line)
                inner.Log(logLevel, eventId, line, null, static (text, _) => text);
            else
                inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
