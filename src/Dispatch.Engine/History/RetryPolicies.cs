using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;

namespace Dispatch.Engine.History;

/// <summary>When a failed activity or run is tried again.</summary>
internal static class RetryPolicies
{
    private const string TimeoutPrefix = "TemporalTimeout:";
    private static readonly TimeSpan InitialDefault = TimeSpan.FromSeconds(1);

    /// <summary>The longest duration that the protocol knows.</summary>
    private static readonly TimeSpan IntervalMax = TimeSpan.FromSeconds(315_576_000_000);

    /// <summary>The policy with its gaps filled: 1 s, doubling, at most a hundred times the first interval.</summary>
    public static RetryPolicy Filled(RetryPolicy? given)
    {
        var filled = given?.Clone() ?? new RetryPolicy();
        var initial = filled.InitialInterval.OrNone() ?? InitialDefault;
        filled.InitialInterval = initial.ToProto();
        if (filled.BackoffCoefficient == 0)
        {
            filled.BackoffCoefficient = 2;
        }

        if (filled.MaximumInterval.OrNone() is null)
        {
            filled.MaximumInterval = (Durations.Min(initial, IntervalMax / 100) * 100).ToProto();
        }

        return filled;
    }

    /// <summary>What follows a failed attempt.</summary>
    /// <param name="policy">A filled policy.</param>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="failure">Why.</param>
    /// <param name="now">When.</param>
    /// <param name="expiration">The next attempt may not begin later; null for no limit.</param>
    /// <param name="capsOwnDelay">The failure's own delay is capped by the policy's maximum interval.</param>
    /// <returns>IN_PROGRESS with the delay until the next attempt, or why there is none.</returns>
    public static (RetryState State, TimeSpan Delay) Next(
        RetryPolicy policy, int attempt, Failure? failure, DateTimeOffset now, DateTimeOffset? expiration, bool capsOwnDelay = false)
    {
        if (!IsRetryable(policy, failure))
        {
            return (RetryState.NonRetryableFailure, default);
        }

        if (policy.MaximumAttempts > 0 && attempt >= policy.MaximumAttempts)
        {
            return (RetryState.MaximumAttemptsReached, default);
        }

        var maximum = policy.MaximumInterval.OrZero();
        var delay = failure?.ApplicationFailureInfo?.NextRetryDelay.OrNone() is { } own
            ? capsOwnDelay ? Durations.Min(own, maximum) : own
            : Backoff(policy, attempt, maximum);
        return expiration is { } limit && now.After(delay) > limit ? (RetryState.Timeout, default) : (RetryState.InProgress, delay);
    }

    private static TimeSpan Backoff(RetryPolicy policy, int attempt, TimeSpan maximum)
    {
        var seconds = policy.InitialInterval.OrZero().TotalSeconds * Math.Pow(policy.BackoffCoefficient, attempt - 1);
        return seconds >= maximum.TotalSeconds ? maximum : TimeSpan.FromSeconds(seconds);
    }

    private static bool IsRetryable(RetryPolicy policy, Failure? failure) => failure?.FailureInfoCase switch
    {
        Failure.FailureInfoOneofCase.ApplicationFailureInfo =>
            !failure!.ApplicationFailureInfo.NonRetryable && !policy.NonRetryableErrorTypes.Contains(failure.ApplicationFailureInfo.Type),
        Failure.FailureInfoOneofCase.TerminatedFailureInfo or Failure.FailureInfoOneofCase.CanceledFailureInfo => false,
        Failure.FailureInfoOneofCase.ServerFailureInfo => !failure!.ServerFailureInfo.NonRetryable,
        Failure.FailureInfoOneofCase.TimeoutFailureInfo =>
            failure!.TimeoutFailureInfo.TimeoutType is TimeoutType.StartToClose or TimeoutType.Heartbeat
            && !policy.NonRetryableErrorTypes.Contains(TimeoutPrefix + failure.TimeoutFailureInfo.TimeoutType),
        _ => true,
    };
}
