using System.Data.Common;
using System.Net.Sockets;
using Dispatch.Contracts.Errors;
using Temporalio.Exceptions;

namespace Dispatch.Cli.Roles;

/// <summary>
/// What a log says of an exception. What the world does to a role, such as a server that is away, is told in a sentence: the frames of the call say something about faults of
/// the program alone.
/// </summary>
internal static class LogWords
{
    /// <summary>How many exceptions within each other are told.</summary>
    private const int CausesMax = 5;

    /// <summary>Whether nobody needs to be told: it is no fault, or was told elsewhere.</summary>
    /// <param name="category">The log's category.</param>
    /// <param name="error">What happened.</param>
    /// <returns>True for a caller that went away, and for a job whose delivery failed because the registry is away: the worker's renewals tell that once.</returns>
    public static bool IsNoise(string category, Exception? error) => error switch
    {
        IOException or OperationCanceledException => category.StartsWith("Grpc.AspNetCore.Server.", StringComparison.Ordinal),
        ApplicationFailureException { ErrorType: nameof(ErrorCode.RegistryUnavailable) } => category.StartsWith("Temporalio.Activity:", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>A log's line with the exception in words.</summary>
    /// <param name="message">The log's own words.</param>
    /// <param name="error">What happened.</param>
    /// <returns>The line; null where it is a fault of the program, which is told with its frames.</returns>
    public static string? Sentence(string message, Exception error)
    {
        if (!IsOfTheWorld(error))
            return null;
        var line = message.TrimEnd('.', ':');
        var causes = 0;
        for (var cause = error; cause is not null && causes < CausesMax; cause = cause.InnerException, causes++)
        {
            if (!line.Contains(cause.Message.TrimEnd('.'), StringComparison.Ordinal))
                line = $"{line.TrimEnd('.')}: {cause.Message}";
        }

        return line;
    }

    private static bool IsOfTheWorld(Exception error) =>
        error is DispatchException or FailureException or RpcException or HttpRequestException or SocketException or IOException or TimeoutException or OperationCanceledException
            or DbException { IsTransient: true };
}
