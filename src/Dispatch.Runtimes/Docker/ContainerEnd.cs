using System.Net;
using Dispatch.Contracts.Errors;
using Docker.DotNet;

namespace Dispatch.Runtimes.Docker;

/// <summary>Watches for one container's end, from before anybody asks. A broken connection is not an end: the watch is taken up again.</summary>
internal sealed class ContainerEnd : IDisposable
{
    private static readonly TimeSpan PauseFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _come = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _untold = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _source = new();
    private readonly EngineConnection _engine;
    private readonly string _containerId;
    private readonly ContainerNews _news;
    private readonly DockerRuntimeOptions _options;
    private readonly TimeProvider _time;

    public ContainerEnd(EngineConnection engine, string containerId, ContainerNews news, DockerRuntimeOptions options, TimeProvider time)
    {
        _news = news;
        _engine = engine;
        _containerId = containerId;
        _options = options;
        _time = time;
        Token = _source.Token;
    }

    /// <summary>Cancelled when the container has ended.</summary>
    public CancellationToken Token { get; }

    public bool HasCome => _come.Task.IsCompleted;

    /// <summary>Whether the engine was away at some time of the watch.</summary>
    public bool EngineWasAway { get; private set; }

    /// <summary>The code that the engine told; null where the container was gone before it could.</summary>
    public int? Code { get; private set; }

    /// <summary>When it ended with code 0, where the engine's events told before its wait; what it shows of the container may be older then.</summary>
    public DateTimeOffset? EndedWellAt { get; private set; }

    /// <summary>The container no longer runs, and the engine, which still shows it as running, will not tell how it ended.</summary>
    public void IsUntold() => _untold.TrySetResult();

    /// <summary>Watches until the end. Throws <c>RuntimeUnavailable</c> when the engine stays away too long, and that the container is gone where its end stays untold.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var code = AwaitCodeAsync(waiting.Token);
            if (await Task.WhenAny(code, _news.EndedWell, _untold.Task).ConfigureAwait(false) == code)
            {
                Code = await code.ConfigureAwait(false);
                return;
            }

            if (_news.EndedWell.IsCompletedSuccessfully)
                (Code, EndedWellAt) = (0, await _news.EndedWell.ConfigureAwait(false));
            await waiting.CancelAsync().ConfigureAwait(false);
            await ((Task)code).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (EndedWellAt is null)
                throw EngineContainers.Untold(_containerId);
        }
        finally
        {
            _come.TrySetResult();
            await _source.CancelAsync().ConfigureAwait(false);
        }
    }

    public async Task<bool> ComesWithinAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_come.Task, Task.Delay(limit, _time, stop.Token)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return HasCome;
    }

    public void Dispose() => _source.Dispose();

    private async Task<int?> AwaitCodeAsync(CancellationToken cancellationToken)
    {
        long? awaySince = null;
        var pause = PauseFirst;
        while (true)
        {
            string reason;
            try
            {
                var answer = await _engine.Client.Containers.WaitContainerAsync(_containerId, cancellationToken).ConfigureAwait(false);
                var (code, gone) = _engine.Dialect.Ended(answer);
                if (code is not null || gone)
                    return code;
                reason = answer.Error?.Message ?? "it told no exit code";
            }
            catch (DockerApiException error) when (error.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }
            catch (Exception error) when (error is DockerApiException || EngineConnection.NoAnswer(error))
            {
                cancellationToken.ThrowIfCancellationRequested();
                reason = error.Message;
            }

            EngineWasAway = true;
            awaySince ??= _time.GetTimestamp();
            if (_time.GetElapsedTime(awaySince.Value) > _options.UnavailableAfter)
                throw new RuntimeException(
                    ErrorCode.RuntimeUnavailable,
                    $"The {_engine.Dialect.Product} engine has not answered for {_options.UnavailableAfter.TotalSeconds:0} s; how container {_containerId} is cannot be told ({reason}).");
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
            if (await AnswersAsync(cancellationToken).ConfigureAwait(false))
            {
                awaySince = null;
                pause = PauseFirst;
            }
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _engine.AskAsync("answer", token => _engine.Client.System.PingAsync(token), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is RuntimeException or DockerApiException)
        {
            return false;
        }
    }
}
