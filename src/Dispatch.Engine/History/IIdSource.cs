namespace Dispatch.Engine.History;

/// <summary>Where run ids, request ids and query ids come from.</summary>
internal interface IIdSource
{
    /// <summary>A new unique id in the form of a UUID.</summary>
    string NewId();
}

/// <summary>Random UUIDs.</summary>
internal sealed class RandomIds : IIdSource
{
    public string NewId() => Guid.NewGuid().ToString();
}
