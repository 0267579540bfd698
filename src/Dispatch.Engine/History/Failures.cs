using System.Text;
using Temporalio.Api.Failure.V1;

namespace Dispatch.Engine.History;

/// <summary>Failures that the engine itself makes, and the limit of those that others made.</summary>
internal static class Failures
{
    public static Failure Server(string message, bool nonRetryable = false) =>
        new() { Message = message, ServerFailureInfo = new ServerFailureInfo { NonRetryable = nonRetryable } };

    /// <summary>A failure as it is, or one that says that it was too large, with the beginning of it as its cause.</summary>
    /// <param name="failure">What a worker sent, if anything.</param>
    /// <param name="bytesMax">The largest that stays as it is.</param>
    /// <param name="bytesKept">So many bytes of texts are kept of a larger one.</param>
    /// <param name="nonRetryable">Whether one that was too large ends all attempts.</param>
    public static Failure? Limited(Failure? failure, int bytesMax, int bytesKept, bool nonRetryable)
    {
        if (failure is null || failure.CalculateSize() <= bytesMax)
        {
            return failure;
        }

        var limited = Server("Failure exceeds size limit.", nonRetryable);
        limited.Cause = Truncated(failure, bytesKept);
        return limited;
    }

    private static Failure? Truncated(Failure? failure, int bytesLeft)
    {
        if (failure is null)
        {
            return null;
        }

        var kept = new Failure { Source = failure.Source };
        if (failure.ApplicationFailureInfo is { } application)
        {
            kept.ApplicationFailureInfo = new ApplicationFailureInfo { Type = application.Type, NonRetryable = application.NonRetryable };
        }
        else if (failure.ServerFailureInfo is { } server)
        {
            kept.ServerFailureInfo = new ServerFailureInfo { NonRetryable = server.NonRetryable };
        }

        kept.Message = Beginning(failure.Message, ref bytesLeft);
        kept.StackTrace = Beginning(failure.StackTrace, ref bytesLeft);
        kept.Cause = bytesLeft > 0 ? Truncated(failure.Cause, bytesLeft) : null;
        return kept;
    }

    private static string Beginning(string text, ref int bytesLeft)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var kept = bytes.Length <= bytesLeft ? text : Encoding.UTF8.GetString(bytes, 0, bytesLeft).TrimEnd('\uFFFD');
        bytesLeft -= Math.Min(bytes.Length, bytesLeft);
        return kept;
    }
}
