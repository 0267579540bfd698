using Dispatch.Contracts.Operations;

namespace Dispatch.Workflows.Tests.Runs;

/// <summary>Jobs to which anything happens, on a real engine: each ends, replays the same and keeps the laws. Recording keeps those that go through a new branch, under its name.</summary>
public sealed class WanderTests(JobWorld world) : IClassFixture<JobWorld>
{
    private const int JobsUsually = 6, JobsRecorded = 500, JobsAtOnce = 50;

    [Fact]
    public async Task Whatever_happens_the_job_ends_and_its_history_replays_the_same()
    {
        var known = await JobWorld.RecordedPathsAsync();
        using var room = new SemaphoreSlim(JobsAtOnce);
        var runs = Enumerable.Range((JobWorld.Kept * JobsRecorded) + 1, JobWorld.Records ? JobsRecorded : JobsUsually).Select(async seed =>
        {
            await room.WaitAsync();
            try
            {
                var wandering = new Wandering(seed);
                var handle = await world.StartAsync($"wander-{seed:D3}", wandering.Script(), wandering.Spec);
                var meddling = wandering.MeddleAsync(handle);
                var run = await world.EndAsync(handle, paths =>
                {
                    lock (known)
                    {
                        var added = paths.FirstOrDefault(path => !known.Contains(path));
                        known.UnionWith(paths);
                        return added?.ToLowerInvariant().Replace(":", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal).Replace(' ', '-');
                    }
                });
                await meddling;
                Assert.Empty(OperationLaws.Check(run.Operations, closed: true));
            }
            finally
            {
                room.Release();
            }
        });
        await Task.WhenAll(runs);
    }
}
