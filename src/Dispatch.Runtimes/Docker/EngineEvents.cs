using System.Collections.Concurrent;
using Docker.DotNet.Models;
using Microsoft.Extensions.Logging;

namespace Dispatch.Runtimes.Docker;

/// <summary>
/// The engine's events, for those containers that are followed: one connection for all, from the first on. An engine tells there that a container has
/// ended and how, before it clears away what that leaves; a wait is answered only after. Nothing depends on it: what is missed here, the wait brings.
/// </summary>
internal sealed partial class EngineEvents(EngineConnection engine, TimeProvider time, ILogger logger) : IProgress<Message>, IAsyncDisposable
{
    /// <summary>The pause before the connection is made again.</summary>
    internal static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, ContainerNews> _followed = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private Task? _listening;

    /// <summary>Follows a container until it is left; one that is followed already is followed anew.</summary>
    public ContainerNews Follow(string containerId)
    {
        var news = _followed[containerId] = new ContainerNews();
        if (engine.Dialect.TellsEndsEarly)
        {
            lock (_lock)
                _listening ??= Task.Run(ListenAsync);
        }

        return news;
    }

    /// <summary>Follows a container no more.</summary>
    public void Leave(string containerId, ContainerNews news) => _followed.TryRemove(KeyValuePair.Create(containerId, news));

    /// <inheritdoc/>
    public void Report(Message value)
    {
        if (value.Actor?.ID is { } id && _followed.TryGetValue(id, out var news))
            news.Take(value.Action, value.Actor.Attributes?.TryGetValue("exitCode", out var code) == true ? code : null, Time(value.TimeNano));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        if (_listening is { } listening)
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task ListenAsync()
    {
        var what = new ContainerEventsParameters
        {
            Filters = new Dictionary<string, IDictionary<string, bool>>
            {
                ["type"] = Of("container"),
                ["event"] = Of("start", "oom", "die"),
                ["label"] = Of(ContainerLabels.DataDirectory),
            },
        };
        while (true)
        {
            try
            {
                await engine.Client.System.MonitorEventsAsync(what, this, _ending.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (!_ending.IsCancellationRequested)
            {
                // Whatever it was: containers go on being waited for.
                LogAgain(error.Message);
            }

            await Task.Delay(AgainAfter, time, _ending.Token).ConfigureAwait(false);
        }
    }

    private static Dictionary<string, bool> Of(params string[] values) => values.ToDictionary(value => value, _ => true);

    private DateTimeOffset Time(long? nanoseconds) => nanoseconds is { } since ? DateTimeOffset.UnixEpoch.AddTicks(since / TimeSpan.NanosecondsPerTick) : time.GetUtcNow();

    [LoggerMessage(2114, LogLevel.Debug, "The engine's events are listened to again: {Reason}")]
    private partial void LogAgain(string reason);
}
