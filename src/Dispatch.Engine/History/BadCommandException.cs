using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.History;

/// <summary>A command or message of a completion can't be done: the workflow task fails with this cause.</summary>
internal sealed class BadCommandException : Exception
{
    public BadCommandException(WorkflowTaskFailedCause cause, string detail)
        : base(detail.Length == 0 ? cause.ToString() : $"{cause}: {detail}") => Cause = cause;

    public WorkflowTaskFailedCause Cause { get; }

    /// <summary>The run is terminated as well: the command can never be done.</summary>
    public bool TerminatesRun { get; init; }
}
