using System.Diagnostics;

namespace Dispatch.Integration.Tests.Stack;

/// <summary>Waits for a condition, never for a time.</summary>
internal static class Until
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until it holds.</summary>
    public static async Task HoldsAsync(string what, Func<Task<bool>> holds, TimeSpan within)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < within, $"It did not come to pass within {within.TotalSeconds:0} s that {what}.");
            await Task.Delay(Poll);
        }
    }

    /// <summary>Waits until it holds.</summary>
    public static Task HoldsAsync(string what, Func<bool> holds, TimeSpan within) => HoldsAsync(what, () => Task.FromResult(holds()), within);

    /// <summary>Waits until there is nothing of it left.</summary>
    public static async Task NothingAsync<T>(string of, Func<Task<IReadOnlyList<T>>> left, TimeSpan within)
    {
        var since = Stopwatch.GetTimestamp();
        while (await left() is { Count: > 0 } some)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < within, $"After {within.TotalSeconds:0} s there are still {of}: {string.Join("; ", some)}");
            await Task.Delay(Poll);
        }
    }
}
