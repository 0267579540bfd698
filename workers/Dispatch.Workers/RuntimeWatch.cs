using Dispatch.Runtimes;
using Dispatch.Workers.Attempts;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers;

/// <summary>Asks the worker's runtimes whether they answer, and who they are: of one that the worker goes by as it was known this has to be seen yet.</summary>
/// <param name="runtimes">The runtimes.</param>
/// <param name="folder">Where it is written down who they are.</param>
/// <param name="status">Learns what is missing.</param>
/// <param name="clock">The clock.</param>
/// <param name="replaced">Told why the worker cannot go on, where a runtime is another than it was known.</param>
/// <param name="logger">Where it logs.</param>
internal sealed partial class RuntimeWatch(
    WorkerRuntimes runtimes, WorkerFolder folder, WorkerStatus status, TimeProvider clock, Action<string> replaced, ILogger logger)
{
    /// <summary>How often a runtime is asked whether it answers.</summary>
    internal static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(5);

    /// <summary>How long it may take to answer.</summary>
    internal static readonly TimeSpan PingLimit = TimeSpan.FromSeconds(5);

    /// <summary>How often one that has not said yet who it is, is asked.</summary>
    internal static readonly TimeSpan IdentityEvery = TimeSpan.FromSeconds(1);

    /// <summary>How often one is asked who it is and what it can do once it has said so: an engine may be started anew with other settings.</summary>
    internal static readonly TimeSpan DescribeEvery = TimeSpan.FromMinutes(1);

    /// <summary>How long it may take to say so: longer than the few requests that an engine is asked for it.</summary>
    private static readonly TimeSpan DescribeLimit = TimeSpan.FromMinutes(3);

    private readonly Dictionary<string, Task<RuntimeDescription>> silent = new(runtimes.Silent);

    /// <summary>Says that silent runtimes are missing to readiness.</summary>
    internal void Begin()
    {
        foreach (var name in silent.Keys)
        {
            status.Condition(IdentityOf(name), $"The runtime {name} has not said yet who it is.");
        }

        WriteDown(runtimes.Known);
    }

    /// <summary>Asks all whether they answer.</summary>
    internal Task PingAsync(CancellationToken cancellationToken) => Task.WhenAll(runtimes.Present.Select(one => PingAsync(one.Key, one.Value, cancellationToken)));

    /// <summary>Hears from those that were silent at the start who they are.</summary>
    internal async Task IdentifyAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, answer) in silent.ToArray())
        {
            try
            {
                Compare(name, await answer.WaitAsync(DescribeLimit, clock, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception away) when (away is RuntimeException or TimeoutException or IOException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                silent[name] = runtimes.Present[name].DescribeAsync(cancellationToken);
            }
        }
    }

    /// <summary>Has all say anew what they can do.</summary>
    internal async Task DescribeAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, runtime) in runtimes.Present)
        {
            try
            {
                await runtime.DescribeAsync(cancellationToken).WaitAsync(DescribeLimit, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception away) when (away is RuntimeException or TimeoutException or IOException)
            {
                NotDescribed(name, away.Message);
            }
        }
    }

    private async Task PingAsync(string name, IContainerRuntime runtime, CancellationToken cancellationToken)
    {
        try
        {
            await runtime.PingAsync(cancellationToken).WaitAsync(PingLimit, clock, cancellationToken).ConfigureAwait(false);
            status.Condition(name, missing: null);
        }
        catch (Exception away) when (away is RuntimeException or TimeoutException or IOException)
        {
            status.Condition(name, $"The runtime {name} does not answer: {(away is TimeoutException ? $"it was asked {PingLimit.TotalSeconds:0} s ago." : away.Message)}");
        }
    }

    private void Compare(string name, RuntimeDescription described)
    {
        var runtime = runtimes.Present[name];
        var before = new KnownRuntime(runtime.Endpoint!, name, runtimes.Descriptions[name]);
        silent.Remove(name);
        if (before.Is(runtime.Name, described))
        {
            status.Condition(IdentityOf(name), missing: null);
            return;
        }

        WriteDown([new(runtime.Endpoint!, runtime.Name, described)]);
        replaced(
            $"The runtime at {runtime.Endpoint} is {runtime.Name} {described.RuntimeId}, and was {name} {before.Description.RuntimeId} when the jobs on the disk were started: the worker ends and must be started again.");
    }

    private void WriteDown(IReadOnlyList<KnownRuntime> known)
    {
        try
        {
            folder.WriteRuntimes(known);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            NotWrittenDown(refused);
        }
    }

    private static string IdentityOf(string name) => $"{name} identity";

    [LoggerMessage(4071, LogLevel.Warning, "The worker's disk does not take which runtimes it has: after a restart it waits for their answer before it registers")]
    private partial void NotWrittenDown(Exception refused);

    [LoggerMessage(4072, LogLevel.Information, "The runtime {Runtime} did not say anew what it can do: {Reason}")]
    private partial void NotDescribed(string runtime, string reason);
}
