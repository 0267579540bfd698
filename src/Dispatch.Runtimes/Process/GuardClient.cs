using System.Collections.Concurrent;
using System.Net.Sockets;
using Dispatch.Contracts.Errors;

namespace Dispatch.Runtimes.Process;

/// <summary>One connection to the guard; any number of questions may be open on it at once.</summary>
internal sealed class GuardClient : IAsyncDisposable
{
    /// <summary>The version of the frames; a guard of another version is not spoken to.</summary>
    internal const int Protocol = 2;

    private readonly NetworkStream _stream;
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<FrameReader>> _open = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _reading;
    private uint _lastNumber;
    private volatile Exception? _ended;

    private GuardClient(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reading = ReadLoopAsync();
    }

    /// <summary>Whether the connection still stands.</summary>
    internal bool IsConnected => _ended is null;

    /// <summary>Connects to the guard of a data directory.</summary>
    /// <exception cref="RuntimeException"><see cref="ErrorCode.RuntimeUnavailable"/>: no guard listens there.</exception>
    internal static async Task<GuardClient> ConnectAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        try
        {
            return new GuardClient(await GuardSocket.ConnectAsync(dataDirectory, cancellationToken).ConfigureAwait(false));
        }
        catch (SocketException error)
        {
            throw new RuntimeException(ErrorCode.RuntimeUnavailable, $"The guard of {dataDirectory} does not listen: {error.Message}", error);
        }
    }

    internal async Task<GuardHello> HelloAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync(GuardFrame.Hello, frame => frame.Int(Protocol), cancellationToken).ConfigureAwait(false);
        return new GuardHello(answer.Int(), answer.Int(), answer.Text());
    }

    internal Task PingAsync(CancellationToken cancellationToken) => AskAsync(GuardFrame.Ping, frame => frame, cancellationToken);

    internal async Task<GuardStart> SpawnAsync(GuardSpawn spawn, CancellationToken cancellationToken) =>
        GuardStart.Read(await AskAsync(GuardFrame.Spawn, spawn.Write, cancellationToken).ConfigureAwait(false));

    internal async Task<bool> SignalAsync(string name, int signal, CancellationToken cancellationToken) =>
        (await AskAsync(GuardFrame.Signal, frame => frame.Text(name).Int(signal), cancellationToken).ConfigureAwait(false)).Bool();

    /// <summary>Waits for the end; null when the guard does not know the name.</summary>
    internal async Task<ExitReport?> WaitAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(GuardFrame.Wait, frame => frame.Text(name), cancellationToken).ConfigureAwait(false);
        return answer.Bool() ? ExitReport.Read(answer) : null;
    }

    internal async Task<GuardEntry?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(GuardFrame.Find, frame => frame.Text(name), cancellationToken).ConfigureAwait(false);
        return answer.Bool() ? GuardEntry.Read(answer) : null;
    }

    internal async Task<IReadOnlyList<GuardEntry>> ListAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync(GuardFrame.List, frame => frame, cancellationToken).ConfigureAwait(false);
        var entries = new List<GuardEntry>();
        for (var left = answer.Int(); left > 0; left--)
        {
            entries.Add(GuardEntry.Read(answer));
        }

        return entries;
    }

    /// <summary>Lets the guard forget one that has ended; false while it still runs.</summary>
    internal async Task<bool> ForgetAsync(string name, CancellationToken cancellationToken) =>
        (await AskAsync(GuardFrame.Forget, frame => frame.Text(name), cancellationToken).ConfigureAwait(false)).Bool();

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
        _writing.Dispose();
    }

    private async Task<FrameReader> AskAsync(GuardFrame kind, Func<FrameWriter, FrameWriter> content, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        var frame = content(new FrameWriter(kind, number)).Frame();
        var answer = new TaskCompletionSource<FrameReader>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[number] = answer;
        try
        {
            if (_ended is { } ended)
            {
                throw Unavailable(ended);
            }

            await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // A frame is written whole or the connection ends: a cancelled caller does not tear it.
                await _stream.WriteAsync(frame, _closing.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
            {
                throw Unavailable(error);
            }
            finally
            {
                _writing.Release();
            }

            var reader = await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (reader.Kind == GuardFrame.Refused)
            {
                throw new GuardRefusal(reader.Int(), reader.Text());
            }

            return reader.Kind == kind ? reader : throw new FrameException($"The guard answered {kind} with {reader.Kind}.");
        }
        finally
        {
            _open.TryRemove(number, out _);
        }
    }

    private async Task ReadLoopAsync()
    {
        var head = new byte[sizeof(int)];
        try
        {
            while (await FrameReader.ReadAsync(_stream, head, _closing.Token).ConfigureAwait(false) is { } frame)
            {
                if (_open.TryGetValue(frame.Number, out var question))
                {
                    question.TrySetResult(frame);
                }
            }

            _ended = new EndOfStreamException("The guard closed the connection.");
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            _ended = error;
        }

        foreach (var question in _open.Values)
        {
            question.TrySetException(Unavailable(_ended));
        }
    }

    private static RuntimeException Unavailable(Exception cause) =>
        new(ErrorCode.RuntimeUnavailable, $"The guard does not answer: {cause.Message}", cause);
}
