namespace Dispatch.Runtimes.Docker;

/// <summary>A container's output as its engine keeps it, readable from its beginning as often as needed.</summary>
internal interface IEngineFiles
{
    /// <summary>Whether reading costs so little that an attachment's output is held against it once more after the end.</summary>
    bool IsCheap { get; }

    /// <summary>Reads from the beginning.</summary>
    /// <param name="follow">Whether to go on until the container has ended.</param>
    /// <param name="end">The container's end.</param>
    /// <param name="missing">Takes everything.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where the container is gone.</returns>
    Task<bool> ReadAsync(bool follow, ContainerEnd end, MissingOutput missing, CancellationToken cancellationToken);
}
