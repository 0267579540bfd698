using Temporalio.Api.Enums.V1;

namespace Dispatch.Workflows.Tests.Runs.Rare;

/// <summary>Branches of the job's machine that jobs seldom take, each on a real engine; recording keeps their histories. They are played side by side.</summary>
public sealed class RareTests(RareTests.Played played) : IClassFixture<RareTests.Played>
{
    private static readonly RareScene[] Scenes = [.. LookingScenes.All, .. LastQuestionScenes.All, .. DeadlineScenes.All, .. CrossingScenes.All, .. ResetScenes.All];

    public static TheoryData<string> Names => [.. Scenes.Select(scene => scene.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_job_ends_with_its_operations_and_goes_through_the_branches(string name)
    {
        var (scene, run) = await played.Runs[name];
        Assert.Equal(scene.Steps, run.Steps);
        Assert.Empty(scene.Takes.Except(run.Paths));
        Assert.DoesNotContain(run.History.Events, recorded => recorded.WorkflowTaskFailedEventAttributes is { Cause: not WorkflowTaskFailedCause.UnhandledCommand });
    }

    [Fact]
    public void No_two_histories_have_one_name() => Assert.Equal(Scenes.Length, Scenes.Select(scene => scene.Name).Distinct().Count());

    public sealed class Played : IAsyncLifetime
    {
        /// <summary>A crossing is a race, which a busy machine may lose: then it is run again.</summary>
        private const int TriesMax = 5;

        private const int AtOnce = 16;

        private readonly SemaphoreSlim room = new(AtOnce);
        private readonly JobWorld world = new();

        internal IReadOnlyDictionary<string, Task<(RareScene Scene, JobRun Run)>> Runs { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            await world.InitializeAsync();
            Runs = Scenes.ToDictionary(scene => scene.Name, PlayAsync);
        }

        public async Task DisposeAsync()
        {
            await Task.WhenAny(Task.WhenAll(Runs.Values));
            await world.DisposeAsync();
            room.Dispose();
        }

        private async Task<(RareScene, JobRun)> PlayAsync(RareScene rare)
        {
            await room.WaitAsync();
            try
            {
                for (var tries = 1; ; tries++)
                {
                    var scene = new Scene(world, rare.Name);
                    await rare.Play(scene);
                    var run = await scene.EndAsync(rare.Takes);
                    if (tries == TriesMax || !rare.Takes.Except(run.Paths).Any()) return (rare, run);
                }
            }
            finally
            {
                room.Release();
            }
        }
    }
}
