using Dispatch.Engine.History;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Frontend;

/// <summary>What must hold of a retry policy that someone gave; zero stands for a default.</summary>
internal static class RetryPolicyRules
{
    private const string TimeoutPrefix = "TemporalTimeout:";

    /// <exception cref="EngineException">INVALID_ARGUMENT, with the first thing that is wrong.</exception>
    public static void Check(RetryPolicy? policy)
    {
        if (policy is not null && Complaint(policy) is { } complaint)
        {
            throw EngineException.InvalidArgument(complaint);
        }
    }

    private static string? Complaint(RetryPolicy policy)
    {
        var (initial, maximum) = (policy.InitialInterval.OrZero(), policy.MaximumInterval.OrZero());
        var badTimeout = policy.NonRetryableErrorTypes
            .Where(type => type.StartsWith(TimeoutPrefix, StringComparison.Ordinal))
            .Select(type => type[TimeoutPrefix.Length..])
            .FirstOrDefault(name => !Enum.GetNames<TimeoutType>().Contains(name));
        return policy switch
        {
            _ when policy.InitialInterval.IsNegative() => "invalid InitialInterval set on retry policy: negative duration",
            { BackoffCoefficient: not 0 and < 1 } => "BackoffCoefficient cannot be less than 1 on retry policy.",
            _ when policy.MaximumInterval.IsNegative() => "invalid MaximumInterval set on retry policy: negative duration",
            _ when maximum > TimeSpan.Zero && maximum < initial => "MaximumInterval cannot be less than InitialInterval on retry policy.",
            { MaximumAttempts: < 0 } => "MaximumAttempts cannot be negative on retry policy.",
            _ => badTimeout is null ? null : $"Invalid timeout type value: {badTimeout}.",
        };
    }
}
