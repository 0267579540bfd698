namespace Dispatch.Engine.Visibility;

/// <summary>Rows in memory.</summary>
internal sealed class InMemoryVisibilityStore : IVisibilityStore
{
    private readonly int rowsMax;
    private readonly Lock changes = new();
    private readonly Dictionary<(string Namespace, string RunId), VisibilityRow> rows = [];

    public InMemoryVisibilityStore(int rowsMax) => this.rowsMax = rowsMax;

    public void Record(VisibilityRow row)
    {
        lock (changes)
        {
            rows[(row.Namespace, row.RunId)] = row;
        }
    }

    public void Remove(string namespaceName, string runId)
    {
        lock (changes)
        {
            rows.Remove((namespaceName, runId));
        }
    }
}
