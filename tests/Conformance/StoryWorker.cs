using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Client;
using Temporalio.Worker;

namespace Dispatch.Conformance;

/// <summary>The worker of the CLI's story, on task queue <c>cli</c>.</summary>
internal sealed class StoryWorker : IAsyncDisposable
{
    private readonly TemporalWorker worker;
    private readonly CancellationTokenSource stop;
    private readonly Task running;

    private StoryWorker(TemporalWorker worker)
    {
        this.worker = worker;
        stop = new CancellationTokenSource();
        running = worker.ExecuteAsync(stop.Token);
    }

    public static async Task<StoryWorker> StartAsync(string address)
    {
        var client = await TemporalClient.ConnectAsync(new(address)).ConfigureAwait(false);
        await client.OperatorService.AddSearchAttributesAsync(new AddSearchAttributesRequest
        {
            Namespace = "default",
            SearchAttributes = { ["CustomKeywordField"] = IndexedValueType.Keyword },
        }).ConfigureAwait(false);
        return new StoryWorker(new TemporalWorker(client, new TemporalWorkerOptions("cli")
            .AddWorkflow<Echo>()
            .AddWorkflow<Waiting>()
            .AddActivity(StoryActivities.Say)));
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The stop that was asked for.
        }

        worker.Dispose();
        stop.Dispose();
    }
}
