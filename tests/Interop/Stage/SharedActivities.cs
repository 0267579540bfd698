using Temporalio.Activities;
using Temporalio.Exceptions;

namespace Dispatch.Interop.Tests.Stage;

/// <summary>The activities that every recorded worker has.</summary>
internal static class SharedActivities
{
    [Activity("echo")]
    public static object? Echo(object? what) => what;

    [Activity("concat")]
    public static string Concat(string first, string second, string third) => string.Join('-', first, second, third);

    [Activity("sleepMs")]
    public static async Task<string> SleepAsync(int milliseconds, string then)
    {
        await Task.Delay(milliseconds, ActivityExecutionContext.Current.CancellationToken);
        return then;
    }

    [Activity("failWith")]
    public static void FailWith(string message, string type, bool nonRetryable) => throw new ApplicationFailureException(message, type, nonRetryable);

    [Activity("succeedOnAttempt")]
    public static int SucceedOnAttempt(int attempt)
    {
        var present = ActivityExecutionContext.Current.Info.Attempt;
        return present >= attempt ? present : throw new ApplicationFailureException($"attempt {present}", "NotYet");
    }
}
