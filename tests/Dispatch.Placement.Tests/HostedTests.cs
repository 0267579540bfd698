using System.Collections.Concurrent;
using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Registry.Pools;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dispatch.Placement.Tests;

/// <summary>The loops as the executable runs them, on the real clock.</summary>
public sealed class HostedTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Loops_place_what_waits_nudge_it_and_end_leases_of_a_silent_worker()
    {
        var nudge = new ListedNudges();
        using var host = Build(nudge);
        await host.StartAsync();
        var placer = host.Services.GetRequiredService<IPlacer>();
        var registry = host.Services.GetRequiredService<IWorkerRegistry>();
        Assert.Equal(PlaceAnswerKind.Waiting, (await placer.PlaceAsync(Ask(1), CancellationToken.None)).Kind);
        await registry.RegisterAsync(
            new WorkerRegistration
            {
                Worker = new WorkerId("w1"),
                StartId = "s",
                Host = World.Host("w1"),
                Version = "1",
                Capacity = new WorkerCapacity { Slots = 1, Cpu = 4, MemoryBytes = 1L << 30 },
                Runtimes = ["process"],
            },
            CancellationToken.None);
        await UntilAsync(() => nudge.Jobs.Count == 1);
        var offered = await placer.PlaceAsync(Ask(2), CancellationToken.None);
        Assert.Equal(PlaceAnswerKind.Offered, offered.Kind);
        Assert.True((await registry.ConfirmAsync(
            new LeaseConfirmation { Worker = new WorkerId("w1"), Incarnation = 1, Call = 1, Lease = offered.Lease!.Value }, CancellationToken.None)).Accepted);
        Assert.Equal(PlaceAnswerKind.Held, (await placer.PlaceAsync(Ask(3), CancellationToken.None)).Kind);
        await UntilAsync(() => nudge.Jobs.Count == 2);
        Assert.True((await placer.PlaceAsync(Ask(4), CancellationToken.None)).Expired);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_nudge_that_fails_is_tried_again_and_holds_nobody_up()
    {
        var nudge = new ListedNudges { FailuresLeft = 2 };
        using var host = Build(nudge);
        await host.StartAsync();
        var placer = host.Services.GetRequiredService<IPlacer>();
        await placer.PlaceAsync(Ask(1), CancellationToken.None);
        await host.Services.GetRequiredService<IWorkerRegistry>().RegisterAsync(
            new WorkerRegistration
            {
                Worker = new WorkerId("w1"),
                StartId = "s",
                Host = World.Host("w1"),
                Version = "1",
                Capacity = new WorkerCapacity { Slots = 1, Cpu = 4, MemoryBytes = 1L << 30 },
                Runtimes = ["process"],
            },
            CancellationToken.None);
        await UntilAsync(() => nudge.Jobs.Count == 1);
        Assert.Equal(0, nudge.FailuresLeft);
        await host.StopAsync();
    }

    private static IHost Build(ListedNudges nudge)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddInMemoryRegistry([new PoolOptions
        {
            Profile = TimeProfile.Fast with { Lease = TimeSpan.FromSeconds(1) },
            Admission = new Admission { AllowProcess = true },
        }]);
        builder.Services.AddDispatchPlacement();
        builder.Services.AddSingleton<INudge>(nudge);
        builder.Services.AddSingleton<IRunStatus>(new KnownRuns());
        return builder.Build();
    }

    private static PlaceAsk Ask(int number) => new()
    {
        Job = new JobId("j"),
        Conversation = new ConversationId("c"),
        RunId = "c",
        Attempt = 1,
        Ask = number,
        SpecJson = """{"process":["true"]}""",
        SpecDigest = "sha256:0",
        QueuedAt = DateTimeOffset.UnixEpoch,
    };

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition()) await Task.Delay(10, deadline.Token);
    }

    private sealed class ListedNudges : INudge
    {
        private int failuresLeft;

        public ConcurrentQueue<string> Jobs { get; } = [];

        public int FailuresLeft
        {
            get => failuresLeft;
            init => failuresLeft = value;
        }

        public Task NudgeAsync(JobId job, string runId, CancellationToken cancellationToken)
        {
            if (failuresLeft > 0)
            {
                failuresLeft--;
                throw new InvalidOperationException("the signal was not delivered");
            }

            Jobs.Enqueue(job.Value);
            return Task.CompletedTask;
        }
    }
}
