using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;
using Temporalio.Api.Enums.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Dispatch.Workflows.Jobs;

/// <summary>Reads what became of an activity. What cannot be read is a fault of Dispatch, never of the workflow task.</summary>
internal static class ActivityEnds
{
    /// <summary>The end of <c>RunContainer</c> that returned.</summary>
    /// <param name="result">What it returned.</param>
    /// <returns>The end.</returns>
    public static RunEnd Of(IRawValue result) =>
        Read<ContainerReport>(result) is { } report ? new RunEnd.Reported(report) : Unreadable("The worker's report could not be read.");

    /// <summary>The end of <c>RunContainer</c> that did not return.</summary>
    /// <param name="exception">What it ended with.</param>
    /// <returns>The end.</returns>
    public static RunEnd Of(ActivityFailureException exception) => exception.InnerException switch
    {
        TimeoutFailureException { TimeoutType: TimeoutType.ScheduleToStart } => new RunEnd.NotTaken(),
        TimeoutFailureException => new RunEnd.Silent(),
        CanceledFailureException canceled => Detail<ContainerReport>(canceled.Details) is { } report ? new RunEnd.Reported(report) : new RunEnd.Canceled(),
        ApplicationFailureException failure => new RunEnd.Failed(Detail<ContainerFailure>(failure.Details) ?? Bare(failure)),
        var other => Unreadable((other ?? exception).Message),
    };

    /// <summary>The code and text of a control activity that failed.</summary>
    /// <param name="exception">What it ended with.</param>
    /// <returns>Both.</returns>
    public static (ErrorCode Code, string Message) OfControl(ActivityFailureException exception) => exception.InnerException switch
    {
        ApplicationFailureException failure => (ErrorCatalogue.Parse(failure.ErrorType), failure.Message),
        TimeoutFailureException => (ErrorCode.WorkerUnreachable, "The worker did not answer in time; the command may be repeated under another id."),
        var other => (ErrorCode.InternalError, (other ?? exception).Message),
    };

    private static ContainerFailure Bare(ApplicationFailureException failure)
    {
        var code = ErrorCatalogue.Parse(failure.ErrorType);
        return new() { Code = code, Phase = ErrorCatalogue.Of(code).Phase, Message = failure.Message };
    }

    private static RunEnd.Failed Unreadable(string message) =>
        new(new() { Code = ErrorCode.InternalError, Phase = ErrorPhase.Run, Message = message });

    private static T? Detail<T>(IFailureDetails? details)
        where T : class =>
        details is { Count: > 0 } ? Read<T>(details.ElementAt<IRawValue>(0)) : null;

    private static T? Read<T>(IRawValue? value)
        where T : class
    {
        try
        {
            return value is null ? null : JsonSerializer.Deserialize<T>(value.Payload.Data.Span, DispatchJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
