using System.Text.Json.Nodes;
using Temporalio.Api.Enums.V1;
using Temporalio.Exceptions;

namespace Dispatch.Interop.Tests.Stage;

/// <summary>A failure and its causes as the recordings write them: <c>kind|type|message</c> each.</summary>
internal static class Chain
{
    public static string[] Of(Exception? failure)
    {
        var chain = new List<string>();
        for (; failure is not null; failure = failure.InnerException)
            chain.Add(One(failure));
        return [.. chain];
    }

    /// <summary>The same, and how retrying ended.</summary>
    public static string[] WithRetryState(Exception failure) => [.. Of(failure), $"retryState={Name(RetryStateOf(failure).ToString())}"];

    /// <summary>The chain of a failure that the recording's client saw.</summary>
    public static string[] OfRecorded(JsonNode failure)
    {
        var chain = new List<string>();
        for (var at = failure as JsonObject; at is not null; at = at["cause"] as JsonObject)
        {
            var kind = (string)at["class"]! switch
            {
                "ApplicationError" => "application",
                "CancelledError" => "canceled",
                "TerminatedError" => "terminated",
                "ActivityError" => "activity",
                "ChildWorkflowError" => "child",
                "TimeoutError" => "timeout",
                var other => other,
            };
            // The text of a cancelled workflow is the client's own.
            var message = (string?)at["message"];
            chain.Add($"{kind}|{(string?)at["type"]}|{(message == "Workflow cancelled" ? "Workflow canceled" : message)}");
        }

        return [.. chain];
    }

    private static string One(Exception failure) => failure switch
    {
        ApplicationFailureException application => $"application|{application.ErrorType}|{application.Message}",
        ActivityFailureException => $"activity||{failure.Message}",
        ChildWorkflowFailureException => $"child||{failure.Message}",
        CanceledFailureException => $"canceled||{failure.Message}",
        TerminatedFailureException => $"terminated||{failure.Message}",
        WorkflowAlreadyStartedException => $"alreadyStarted||{failure.Message}",
        TimeoutFailureException timeout => $"timeout|{Name(timeout.TimeoutType.ToString())}|{timeout.Message}",
        _ => $"{failure.GetType().Name}||{failure.Message}",
    };

    private static RetryState RetryStateOf(Exception failure) => failure switch
    {
        ActivityFailureException activity => activity.RetryState,
        ChildWorkflowFailureException child => child.RetryState,
        _ => RetryState.Unspecified,
    };

    /// <summary>A name of the API: <c>StartToClose</c> is <c>START_TO_CLOSE</c>, and what is not set is NONE.</summary>
    private static string Name(string pascal) =>
        pascal == nameof(RetryState.Unspecified) ? "NONE" : string.Concat(pascal.Select((letter, i) => char.IsUpper(letter) && i > 0 ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"));
}
