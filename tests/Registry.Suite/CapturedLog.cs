using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Registry.Suite;

/// <summary>What was logged, from warnings on.</summary>
/// <typeparam name="T">Whose log.</typeparam>
public sealed class CapturedLog<T> : ILogger<T>
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);
    private ImmutableList<string> lines = [];

    public IReadOnlyList<string> Lines => Volatile.Read(ref lines);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) ImmutableInterlocked.Update(ref lines, all => all.Add(formatter(state, exception)));
    }

    /// <summary>Waits until a line says something.</summary>
    /// <param name="says">What.</param>
    /// <param name="meanwhile">What is done between two looks, such as letting time pass.</param>
    public async Task UntilAsync(string says, Action? meanwhile = null)
    {
        using var deadline = new CancellationTokenSource(Within);
        while (!Lines.Any(line => line.Contains(says, StringComparison.Ordinal)))
        {
            meanwhile?.Invoke();
            await Task.Delay(TimeSpan.FromMilliseconds(10), deadline.Token);
        }
    }
}
