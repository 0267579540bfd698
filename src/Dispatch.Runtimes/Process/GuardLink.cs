using Dispatch.Contracts.Errors;

namespace Dispatch.Runtimes.Process;

/// <summary>The way to the guard of one data directory: connects when needed, again after the guard or the connection ended, and has the guard started where none answers.</summary>
public sealed class GuardLink : IAsyncDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);
    private readonly string _dataDirectory;
    private readonly Func<CancellationToken, Task>? _ensureRunning;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private GuardClient? _client;

    /// <summary>Makes a link; nothing is connected yet.</summary>
    /// <param name="dataDirectory">The worker's data directory.</param>
    /// <param name="ensureRunning">Starts the guard where none answers; null only connects.</param>
    public GuardLink(string dataDirectory, Func<CancellationToken, Task>? ensureRunning)
    {
        _dataDirectory = dataDirectory;
        _ensureRunning = ensureRunning;
    }

    /// <summary>The worker's data directory.</summary>
    public string DataDirectory => _dataDirectory;

    /// <summary>Makes sure that the guard answers, starting it where it does not.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it has answered.</returns>
    /// <exception cref="RuntimeException"><see cref="ErrorCode.RuntimeUnavailable"/>: it does not answer and could not be started.</exception>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        var client = await ClientAsync(cancellationToken).ConfigureAwait(false);
        await client.PingAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }

        _connecting.Dispose();
    }

    /// <summary>A connection that stands.</summary>
    internal async Task<GuardClient> ClientAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _client) is { IsConnected: true } present)
        {
            return present;
        }

        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_client is { IsConnected: true } meanwhile)
            {
                return meanwhile;
            }

            if (_client is { } ended)
            {
                await ended.DisposeAsync().ConfigureAwait(false);
                _client = null;
            }

            try
            {
                _client = await OpenAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (RuntimeException) when (_ensureRunning is not null)
            {
                await _ensureRunning(cancellationToken).ConfigureAwait(false);
                _client = await OpenAsync(cancellationToken).ConfigureAwait(false);
            }

            return _client;
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<GuardClient> OpenAsync(CancellationToken cancellationToken)
    {
        var client = await GuardClient.ConnectAsync(_dataDirectory, cancellationToken).ConfigureAwait(false);
        try
        {
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            late.CancelAfter(AnswerWithin);
            var hello = await client.HelloAsync(late.Token).ConfigureAwait(false);
            return hello.Protocol == GuardClient.Protocol
                ? client
                : throw new RuntimeException(
                    ErrorCode.RuntimeUnavailable,
                    $"The guard of {_dataDirectory} (process {hello.ProcessId}) is of another version: let its jobs end and terminate it, the next one is started by itself.");
        }
        catch (Exception error)
        {
            await client.DisposeAsync().ConfigureAwait(false);
            if (error is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new RuntimeException(ErrorCode.RuntimeUnavailable, $"The guard of {_dataDirectory} does not answer within {AnswerWithin.TotalSeconds} s.", error);
            }

            throw;
        }
    }
}
