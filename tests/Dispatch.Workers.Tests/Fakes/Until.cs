namespace Dispatch.Workers.Tests.Fakes;

/// <summary>Waits for a condition, with a deadline that a loaded machine meets too.</summary>
internal static class Until
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    internal static async Task True(Func<bool> condition, string what)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Deadline, $"not within {Deadline.TotalSeconds} s: {what}");
            await Task.Delay(10);
        }
    }
}
