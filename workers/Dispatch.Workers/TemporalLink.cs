using Dispatch.Workflows.Hosting;
using Microsoft.Extensions.Logging;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Workers;

/// <summary>The worker's client of Temporal: shared by the process, or connected here as soon as Temporal answers.</summary>
internal sealed partial class TemporalLink(WorkerOptions options, ILoggerFactory loggers)
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryMost = TimeSpan.FromSeconds(5);

    private readonly ILogger logger = loggers.CreateLogger<TemporalLink>();
    private readonly TaskCompletionSource<ITemporalClient> connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the client once there is one.</summary>
    internal Task<ITemporalClient> Connected => connected.Task;

    /// <summary>Connects; tries until it succeeds.</summary>
    internal async Task<ITemporalClient> ConnectAsync(CancellationToken cancellationToken)
    {
        var pause = RetryFirst;
        var client = options.TemporalClient;
        var runtime = client is null ? SdkRuntime.Create(loggers) : null;
        while (client is null)
        {
            try
            {
                client = await TemporalClient.ConnectAsync(new(options.TemporalAddress)
                {
                    Namespace = options.TemporalNamespace,
                    DataConverter = DispatchData.Converter,
                    Identity = $"dispatch-worker:{options.Id}",
                    LoggerFactory = loggers,
                    Runtime = runtime,
                }).WaitAsync(ConnectLimit, options.Clock, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception away) when (away is RpcException or InvalidOperationException or TimeoutException)
            {
                NotConnected(options.TemporalAddress, away.Message);
                await Task.Delay(pause, options.Clock, cancellationToken).ConfigureAwait(false);
                pause = pause * 2 < RetryMost ? pause * 2 : RetryMost;
            }
        }

        connected.TrySetResult(client);
        return client;
    }

    [LoggerMessage(4060, LogLevel.Warning, "Temporal at {Address} does not answer yet: {Reason}")]
    private partial void NotConnected(string address, string reason);
}
