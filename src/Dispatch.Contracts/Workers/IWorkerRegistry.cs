namespace Dispatch.Contracts.Workers;

/// <summary>The registry as a worker sees it: directly in one process, else through <c>/worker/v1</c> of the server.</summary>
/// <remarks>
/// Every call carries the worker's incarnation and a number the worker raises every time: a lower one than the registry has seen changes nothing.
/// A registry that does not answer throws <see cref="Errors.DispatchException"/> with <c>RegistryUnavailable</c>; refusals are answers.
/// </remarks>
public interface IWorkerRegistry
{
    /// <summary>Registers a start of the worker: it gets a new incarnation, and what it restates of its own host is adopted.</summary>
    /// <param name="registration">Who and what the worker is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Its incarnation, the pool's times and the fate of each restated lease.</returns>
    Task<WorkerRegistered> RegisterAsync(WorkerRegistration registration, CancellationToken cancellationToken);

    /// <summary>Renews all leases of the worker in one statement, naming everything it still has.</summary>
    /// <param name="renewal">What the worker has.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What the registry thinks of it.</returns>
    Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken);

    /// <summary>Takes an offered lease before anything is pulled or started.</summary>
    /// <param name="confirmation">Which lease.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The spec to run, or why not.</returns>
    Task<ConfirmAnswer> ConfirmAsync(LeaseConfirmation confirmation, CancellationToken cancellationToken);

    /// <summary>Gives a lease back: the container is gone and its outcome stored, or nothing was started.</summary>
    /// <param name="leaseReturn">Which lease, with what came of it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the registry has it; a repeat is harmless.</returns>
    Task ReturnAsync(LeaseReturn leaseReturn, CancellationToken cancellationToken);
}
