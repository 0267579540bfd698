using Dispatch.Contracts.Http;
using Dispatch.Contracts.Workers;

namespace Dispatch.Workers.Registry;

/// <summary>The registry of another process, through the server's <c>/worker/v1</c>.</summary>
public sealed class HttpWorkerRegistry : IWorkerRegistry
{
    private readonly WorkerApi api;

    /// <summary>Makes one.</summary>
    /// <param name="http">Sends the calls; stays the caller's. Time-outs are the callers' tokens.</param>
    /// <param name="server">The server's address, such as <c>http://127.0.0.1:8233</c>.</param>
    /// <param name="token">The worker token in force at each call; null or empty sends none.</param>
    public HttpWorkerRegistry(HttpClient http, Uri server, Func<string?> token) => api = new WorkerApi(http, server, token);

    /// <inheritdoc/>
    public Task<WorkerRegistered> RegisterAsync(WorkerRegistration registration, CancellationToken cancellationToken) =>
        api.CallAsync<WorkerRegistration, WorkerRegistered>(ApiPaths.WorkerRegister, registration, cancellationToken);

    /// <inheritdoc/>
    public Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken) =>
        api.CallAsync<WorkerRenewal, RenewalAnswer>(ApiPaths.WorkerRenew, renewal, cancellationToken);

    /// <inheritdoc/>
    public Task<ConfirmAnswer> ConfirmAsync(LeaseConfirmation confirmation, CancellationToken cancellationToken) =>
        api.CallAsync<LeaseConfirmation, ConfirmAnswer>(ApiPaths.WorkerConfirm, confirmation, cancellationToken);

    /// <inheritdoc/>
    public Task ReturnAsync(LeaseReturn leaseReturn, CancellationToken cancellationToken) => api.TellAsync(ApiPaths.WorkerReturn, leaseReturn, cancellationToken);
}
