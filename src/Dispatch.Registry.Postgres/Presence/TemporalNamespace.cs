namespace Dispatch.Registry.Postgres.Presence;

/// <summary>The Temporal namespace that a process works with: all processes of a database work with one, for what is in another they would take for lost.</summary>
/// <param name="Id">Its id, which no other namespace has, on this server or another.</param>
/// <param name="Name">Its name.</param>
public sealed record TemporalNamespace(string Id, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"'{Name}' (id {Id})";
}
