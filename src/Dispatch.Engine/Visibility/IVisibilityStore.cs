using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>The rows of all runs, for lists and counts.</summary>
internal interface IVisibilityStore
{
    /// <summary>Adds a run's row, or puts it in the place of the run's earlier one. The next list shows it.</summary>
    void Record(VisibilityRow row);

    /// <summary>Forgets a run. Nothing happens when it isn't known.</summary>
    void Remove(string namespaceName, string runId);

    /// <summary>Rows that a question admits, open ones first, then those closed last.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="size">Most rows of the page, at least 1.</param>
    /// <param name="after">The last row of the page before, as it was then; null for the first page. Its times and run id count.</param>
    VisibilityPage List(VisibilityQuestion question, int size, VisibilityRow? after);

    /// <summary>How many rows a question admits, by status; a status that none has is left out.</summary>
    IReadOnlyDictionary<WorkflowExecutionStatus, long> Count(VisibilityQuestion question);
}
