using Dispatch.Contracts.Http;
using Dispatch.Contracts.Logs;
using Dispatch.Workers.Registry;

namespace Dispatch.Workers.Logs;

/// <summary>The log store of another process, through the server's <c>/worker/v1/logs</c>.</summary>
public sealed class HttpLogIntake : ILogIntake
{
    private readonly WorkerApi api;

    /// <summary>Makes one.</summary>
    /// <param name="http">Sends the calls; stays the caller's.</param>
    /// <param name="server">The server's address, such as <c>http://127.0.0.1:8233</c>.</param>
    /// <param name="token">The worker token in force at each call; null or empty sends none.</param>
    public HttpLogIntake(HttpClient http, Uri server, Func<string?> token) => api = new WorkerApi(http, server, token);

    /// <inheritdoc/>
    public async Task<LogPositions> GetPositionsAsync(LogKey key, CancellationToken cancellationToken) =>
        (await ShipAsync(new() { Key = key }, cancellationToken).ConfigureAwait(false)).Positions;

    /// <inheritdoc/>
    public Task<LogAppended> AppendAsync(LogKey key, IReadOnlyList<LogPiece> pieces, CancellationToken cancellationToken) =>
        ShipAsync(new() { Key = key, Pieces = pieces }, cancellationToken);

    /// <inheritdoc/>
    public Task CompleteAsync(LogKey key, CancellationToken cancellationToken) => ShipAsync(new() { Key = key, Complete = true }, cancellationToken);

    private Task<LogAppended> ShipAsync(LogShipment shipment, CancellationToken cancellationToken) =>
        api.CallAsync<LogShipment, LogAppended>(ApiPaths.WorkerLogs, shipment, cancellationToken);
}
