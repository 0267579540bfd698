using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Jobs;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Dispatch.Workflows.Jobs;

/// <summary>Reads the commands. What is no command is refused with a code of the catalogue.</summary>
internal static class JobCommands
{
    /// <summary>Reads a stop.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="extra">Must not be there.</param>
    /// <returns>The command.</returns>
    /// <exception cref="ApplicationFailureException">It is none.</exception>
    public static JobCommand ReadStop(IRawValue? argument, IRawValue? extra) => Read<StopRequest>(argument, extra, request =>
        Enum.IsDefined(request.Mode)
            ? (new JobCommand.Stop(request.Mode) { RequestedBy = request.RequestedBy, Reason = request.Reason }, null)
            : (null, "mode: write Graceful or Now."));

    /// <summary>Reads an extension.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="extra">Must not be there.</param>
    /// <returns>The command.</returns>
    /// <exception cref="ApplicationFailureException">It is none.</exception>
    public static JobCommand ReadExtend(IRawValue? argument, IRawValue? extra) => Read<ExtendRequest>(argument, extra, request =>
        DurationText.TryParse(request.By, out var by) && by > TimeSpan.Zero
            ? (new JobCommand.Extend(by) { RequestedBy = request.RequestedBy, Reason = request.Reason }, null)
            : (null, $"by: \"{request.By}\" is not {DurationText.Forms}, more than zero."));

    /// <summary>Reads a priority.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="extra">Must not be there.</param>
    /// <returns>The command.</returns>
    /// <exception cref="ApplicationFailureException">It is none.</exception>
    public static JobCommand ReadPriority(IRawValue? argument, IRawValue? extra) => Read<PriorityRequest>(argument, extra, request =>
        request.Priority is { } priority and >= 0 and <= 100
            ? (new JobCommand.SetPriority(priority) { RequestedBy = request.RequestedBy, Reason = request.Reason }, null)
            : (null, $"priority: {(request.Priority is { } given ? $"{given} is not" : "missing; give")} a whole number from 0 to 100."));

    /// <summary>Reads a pause.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="extra">Must not be there.</param>
    /// <returns>The command.</returns>
    /// <exception cref="ApplicationFailureException">It is none.</exception>
    public static JobCommand ReadPause(IRawValue? argument, IRawValue? extra) => Read<PauseRequest>(argument, extra, request =>
        (new JobCommand.Pause { RequestedBy = request.RequestedBy, Reason = request.Reason }, null));

    /// <summary>Reads the end of a pause.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="extra">Must not be there.</param>
    /// <returns>The command.</returns>
    /// <exception cref="ApplicationFailureException">It is none.</exception>
    public static JobCommand ReadUnpause(IRawValue? argument, IRawValue? extra) => Read<PauseRequest>(argument, extra, request =>
        (new JobCommand.Unpause { RequestedBy = request.RequestedBy, Reason = request.Reason }, null));

    private static JobCommand Read<T>(IRawValue? argument, IRawValue? extra, Func<T, (JobCommand? Command, string? Error)> command)
        where T : CommandRequest =>
        JobArguments.TryRead(argument, extra, command, out var read, out var error)
            ? read
            : throw new ApplicationFailureException(error, errorType: nameof(ErrorCode.InvalidJobSpec), nonRetryable: true);
}
