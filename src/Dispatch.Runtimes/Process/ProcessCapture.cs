using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Host;

namespace Dispatch.Runtimes.Process;

/// <summary>Follows one started process to its end: both output files into the sink, then how it ended.</summary>
internal sealed class ProcessCapture : IDisposable
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(200);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _name, _folder;
    private readonly GuardLink _link;

    /// <summary>Follows the output files, which the guard makes, and asks for the end, once <see cref="Started"/> was called.</summary>
    internal ProcessCapture(string name, string folder, GuardLink link, FileChangeWatch watch, IOutputSink sink)
    {
        (_name, _folder, _link) = (name, folder, link);
        Completion = FollowAsync(watch, sink);
        // Nobody may be waiting when it fails; who waits later sees it all the same.
        _ = Completion.ContinueWith(
            task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>How it ended, after all its output is in the sink.</summary>
    internal Task<ContainerExit> Completion { get; }

    /// <summary>The process runs, or ran.</summary>
    internal void Started() => _started.TrySetResult();

    /// <summary>Lets go; the process goes on.</summary>
    public void Dispose() => _stop.Cancel();

    /// <summary>Asks the guard how a process ended, through restarts of the guard.</summary>
    internal static async Task<ExitReport> WaitForEndAsync(string name, GuardLink link, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var client = await link.ClientAsync(cancellationToken).ConfigureAwait(false);
                return await client.WaitAsync(name, cancellationToken).ConfigureAwait(false) ?? throw Gone(name);
            }
            catch (RuntimeException error) when (error.Code == ErrorCode.RuntimeUnavailable)
            {
                // The guard is being restarted, or cannot be: the process's end stays unknown until it answers.
                await Task.Delay(AskAgainAfter, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    internal static RuntimeException Gone(string name) =>
        new(ErrorCode.WorkerLost, $"The process '{name}' is gone and nobody knows how it ended: it was removed, or its guard had died.") { ContainerGone = true };

    private async Task<ContainerExit> FollowAsync(FileChangeWatch watch, IOutputSink sink)
    {
        await _started.Task.WaitAsync(_stop.Token).ConfigureAwait(false);
        var ended = WaitForEndAsync(_name, _link, _stop.Token);
        var lost = await new OutputTail(_folder, sink, watch).RunAsync(ended, _stop.Token).ConfigureAwait(false);
        var report = await ended.ConfigureAwait(false);
        return report.Lost ? throw Gone(_name) : report.ToExit() with { OutputBytesLost = report.OutputBytesLost + lost };
    }
}
