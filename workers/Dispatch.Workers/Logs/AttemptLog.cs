using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Logs;
using Dispatch.Contracts.Runs;
using Dispatch.Runtimes;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Logs;

/// <summary>Captures the output of one attempt to files and ships them to the log store by offset. The container never waits for the store.</summary>
internal sealed partial class AttemptLog : IOutputSink, IAsyncDisposable
{
    /// <summary>Bytes that are shipped without waiting for more.</summary>
    internal const int FrameBytes = 16 * 1024;

    /// <summary>Most bytes of one call to the store.</summary>
    internal const int ShipmentBytesMax = 1024 * 1024;

    /// <summary>How long fewer bytes than a frame wait for more.</summary>
    internal static readonly TimeSpan FrameDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause between tries while the store is away.</summary>
    internal static readonly TimeSpan RetryMost = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(10);

    private readonly LogKey key;
    private readonly ILogIntake intake;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly OutputFile stdout;
    private readonly OutputFile stderr;
    private readonly LogProgress progress = new();
    private readonly SemaphoreSlim signal = new(0);
    private readonly CancellationTokenSource ending = new();
    private readonly TaskCompletionSource shippedAll = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task shipping;
    private readonly SaidSeldom refusals;
    private volatile bool complete;

    internal AttemptLog(string folder, LogKey key, ILogIntake intake, long captureBytesMax, TimeProvider clock, ILogger logger)
    {
        this.key = key;
        this.intake = intake;
        this.clock = clock;
        this.logger = logger;
        refusals = new(clock);
        stdout = new OutputFile(Path.Combine(folder, "stdout"), captureBytesMax);
        stderr = new OutputFile(Path.Combine(folder, "stderr"), captureBytesMax);
        var resumed = Position(OutputStream.Stdout) > 0 || Position(OutputStream.Stderr) > 0;
        foreach (var stream in Enum.GetValues<OutputStream>())
        {
            if (FileOf(stream).Kept > 0)
            {
                progress.Add(stream, 0, FileOf(stream).Kept, clock.GetUtcNow());
            }
        }

        shipping = Task.Run(() => ShipAsync(resumed));
    }

    /// <summary>How much output is kept.</summary>
    internal LogReference Reference(int attempt) => new(attempt, stdout.Kept, stderr.Kept);

    /// <summary>Whether all is shipped and the store knows that nothing more comes.</summary>
    internal bool IsShipped => shippedAll.Task.IsCompletedSuccessfully;

    /// <inheritdoc/>
    public long Position(OutputStream stream) => FileOf(stream).Position;

    /// <inheritdoc/>
    public async ValueTask AppendAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var file = FileOf(stream);
        var before = file.Kept;
        try
        {
            await file.AppendAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (OutputRefusedException refused)
        {
            if (refusals.MaySay())
            {
                OutputRefused(key.Job.Value, key.Attempt, refused.Message);
            }

            throw;
        }

        if (file.Kept > before)
        {
            progress.Add(stream, before, file.Kept - before, clock.GetUtcNow());
            Wake();
        }
    }

    /// <summary>Says that nothing more will come, and waits until all is shipped, but no longer than the limit: what is left is shipped later.</summary>
    internal async Task CompleteAsync(TimeSpan limit)
    {
        complete = true;
        Wake();
        await Task.WhenAny(shippedAll.Task, Task.Delay(limit, clock)).ConfigureAwait(false);
    }

    /// <summary>Waits for the shipping's end.</summary>
    internal Task WhenShippedAsync(CancellationToken cancellationToken) => shippedAll.Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        await shipping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        shippedAll.TrySetCanceled();
        stdout.Dispose();
        stderr.Dispose();
        signal.Dispose();
        ending.Dispose();
    }

    private OutputFile FileOf(OutputStream stream) => stream == OutputStream.Stdout ? stdout : stderr;

    private void Wake()
    {
        if (signal.CurrentCount == 0)
        {
            signal.Release();
        }
    }

    private async Task ShipAsync(bool resumed)
    {
        var pause = RetryFirst;
        while (!ending.IsCancellationRequested)
        {
            try
            {
                if (resumed)
                {
                    Take(await intake.GetPositionsAsync(key, ending.Token).WaitAsync(CallLimit, clock, ending.Token).ConfigureAwait(false));
                    resumed = false;
                }

                if (await ShipOnceAsync().ConfigureAwait(false))
                {
                    shippedAll.TrySetResult();
                    return;
                }

                pause = RetryFirst;
            }
            catch (Exception away) when (away is DispatchException or TimeoutException or IOException)
            {
                LogStoreAway(key.Job.Value, key.Attempt, progress.PendingBytes, away.Message);
                resumed = true;
                await Task.Delay(pause, clock, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < RetryMost ? pause * 2 : RetryMost;
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Ships one frame, waiting for it first; true once all is shipped and said to be complete.</summary>
    private async Task<bool> ShipOnceAsync()
    {
        // Read first: what is appended before the word "complete" is then among the pending bytes.
        var last = complete;
        if (progress.PendingBytes == 0)
        {
            if (last && Position(OutputStream.Stdout) + Position(OutputStream.Stderr) == 0)
            {
                // The store has no log of an attempt that printed nothing: its report says so.
                return true;
            }

            if (last)
            {
                await intake.CompleteAsync(key, ending.Token).WaitAsync(CallLimit, clock, ending.Token).ConfigureAwait(false);
                return true;
            }

            await signal.WaitAsync(ending.Token).ConfigureAwait(false);
            return false;
        }

        var pieces = new List<LogPiece>();
        foreach (var stretch in progress.Next(ShipmentBytesMax))
        {
            var bytes = await FileOf(stretch.Stream).ReadAsync(stretch.Offset, (int)stretch.Count, ending.Token).ConfigureAwait(false);
            pieces.Add(new LogPiece(stretch.Stream, stretch.Offset, stretch.Time, bytes));
        }

        var appended = await intake.AppendAsync(key, pieces, ending.Token).WaitAsync(CallLimit, clock, ending.Token).ConfigureAwait(false);
        Take(appended.Positions);
        await PaceAsync().ConfigureAwait(false);
        return false;
    }

    /// <summary>Lets a frame fill, but not for long, and not at the end.</summary>
    private async Task PaceAsync()
    {
        var until = clock.GetTimestamp() + (long)(FrameDelay.TotalSeconds * clock.TimestampFrequency);
        while (!complete && progress.PendingBytes < FrameBytes && clock.GetTimestamp() < until)
        {
            await signal.WaitAsync(FrameDelay, ending.Token).ConfigureAwait(false);
        }
    }

    private void Take(LogPositions positions)
    {
        progress.Shipped(OutputStream.Stdout, positions.Stdout.Length);
        progress.Shipped(OutputStream.Stderr, positions.Stderr.Length);
    }

    [LoggerMessage(4101, LogLevel.Warning, "The worker's disk does not take the output of job {Job}, attempt {Attempt}; what it cannot take by the job's end is lost: {Reason}")]
    private partial void OutputRefused(string job, int attempt, string reason);

    [LoggerMessage(4100, LogLevel.Warning, "The output of job {Job}, attempt {Attempt}, waits to be shipped ({PendingBytes} bytes): {Reason}")]
    private partial void LogStoreAway(string job, int attempt, long pendingBytes, string reason);
}
