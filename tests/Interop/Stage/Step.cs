using Temporalio.Common;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Stage;

/// <summary>Calls of activities as the recorded workflows make them: start-to-close 10 s unless said otherwise.</summary>
internal static class Step
{
    public static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    public static Task<T> LocalAsync<T>(string activity, object?[] args, Action<LocalActivityOptions>? more = null)
    {
        var options = new LocalActivityOptions { StartToCloseTimeout = TimeSpan.FromSeconds(10) };
        more?.Invoke(options);
        return Workflow.ExecuteLocalActivityAsync<T>(activity, args, options);
    }

    public static Task<string> LocalEchoAsync(string what, string? id = null) => LocalAsync<string>("echo", [what], options => options.ActivityId = id);

    public static Task<T> RemoteAsync<T>(string activity, object?[] args, Action<ActivityOptions>? more = null)
    {
        var options = new ActivityOptions { StartToCloseTimeout = TimeSpan.FromSeconds(10) };
        more?.Invoke(options);
        return Workflow.ExecuteActivityAsync<T>(activity, args, options);
    }

    public static Task<string> EchoAsync(string what) => RemoteAsync<string>("echo", [what]);

    public static RetryPolicy Retry(int initialMilliseconds, float coefficient = 2, int attempts = 0) => new() { InitialInterval = Ms(initialMilliseconds), BackoffCoefficient = coefficient, MaximumAttempts = attempts };

    /// <summary>Waits for a failure and gives it.</summary>
    public static async Task<Exception> FailureAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception failure) when (failure is Temporalio.Exceptions.FailureException or OperationCanceledException or InvalidOperationException)
        {
            return failure;
        }

        throw new Temporalio.Exceptions.ApplicationFailureException("it did not fail", "DidNotFail");
    }
}
