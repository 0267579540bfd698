using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>Why an attempt is over without a result.</summary>
/// <param name="Cause">The word of <c>WorkerExited</c>.</param>
/// <param name="Budget">Whose budget it costs.</param>
/// <param name="Code">The code.</param>
/// <param name="Reason">Why the job ends, where it does.</param>
/// <param name="Message">What happened.</param>
internal sealed record AttemptLoss(string Cause, RetryCause Budget, ErrorCode Code, TerminationReason Reason, string Message)
{
    /// <summary>Whether another attempt is allowed.</summary>
    public bool RetryEligible { get; init; }

    /// <summary>Whether the job itself seems to take workers down.</summary>
    public bool Poison { get; init; }

    /// <summary>Whether the worker counts as one that died.</summary>
    public bool Death => Cause is LossCause.Lost or LossCause.Crashed;
}

/// <summary>The words of <c>WorkerExited</c>.</summary>
internal static class LossCause
{
    /// <summary>Silent, and its lease ended.</summary>
    public const string Lost = "lost";

    /// <summary>Never took the offer.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>Ended the attempt because it drains.</summary>
    public const string Draining = "draining";

    /// <summary>The lease was no longer its own.</summary>
    public const string Fenced = "fenced";

    /// <summary>Came back without what it had.</summary>
    public const string Crashed = "crashed";

    /// <summary>Could not reach the registry; nothing was started.</summary>
    public const string RegistryUnavailable = "registryUnavailable";
}
