namespace Dispatch.Registry;

/// <summary>Work that one process at a time does, of all that share a registry.</summary>
public interface IDuties
{
    /// <summary>Whether a duty is this process's now; where it is nobody's, it becomes so. A duty that is lost, or done twice for a moment, only costs time.</summary>
    /// <param name="duty">The duty: <c>expirer</c>, <c>sweeper</c>, the queue of a pool.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False where another process has it.</returns>
    /// <exception cref="Contracts.Errors.DispatchException"><c>RegistryUnavailable</c> where nobody can say.</exception>
    Task<bool> IsOursAsync(string duty, CancellationToken cancellationToken);
}
