namespace Dispatch.Engine.Visibility;

/// <summary>The rows of all runs, for lists and counts.</summary>
internal interface IVisibilityStore
{
    /// <summary>Adds a run's row, or puts it in the place of the run's earlier one. The next list shows it.</summary>
    void Record(VisibilityRow row);

    /// <summary>Forgets a run. Nothing happens when it isn't known.</summary>
    void Remove(string namespaceName, string runId);
}
