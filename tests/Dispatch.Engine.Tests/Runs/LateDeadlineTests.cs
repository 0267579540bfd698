using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Journal;
using Dispatch.Engine.Runs;
using Dispatch.Engine.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.Tests.Runs;

/// <summary>A deadline that was on its way to its run while the run went on.</summary>
public sealed class LateDeadlineTests : IDisposable
{
    private readonly HandClock clock = new();
    private readonly RunEngine engine;
    private readonly WorkflowKey key;

    public LateDeadlineTests()
    {
        var options = new EngineOptions { TimeProvider = clock };
        var attributes = new SearchAttributeRegistry();
        var namespaces = new NamespaceRegistry(options, attributes);
        engine = new RunEngine(
            new EngineServices(options, namespaces, attributes, new InMemoryVisibilityStore(100), default), new InMemoryJournal(), new RandomIds());
        key = RunEngine.Key(namespaces.Require("default"), "workflow");
    }

    public void Dispose() => engine.Dispose();

    [Fact]
    public async Task A_run_that_closed_under_its_deadline_is_kept_until_its_retention_is_over()
    {
        var run = await StartAsync();
        clock.Now += TimeSpan.FromSeconds(5);
        await engine.Slot(key).ChangeAsync(turn =>
        {
            Closing.Terminate(turn.Decide(run), "reason", "identity");
            return true;
        });

        await engine.Slot(key).WakeAsync(run);
        Assert.Same(run, engine.FindSlot(key)?.Read(turn => turn.Current));

        clock.Now = engine.NextDeadline(run.State)!.Value;
        await engine.Slot(key).WakeAsync(run);
        Assert.Null(engine.FindSlot(key));
    }

    [Fact]
    public async Task A_run_that_is_woken_too_early_stays_as_it_is_until_it_is_due()
    {
        var run = await StartAsync();
        await engine.Slot(key).WakeAsync(run);
        Assert.True(run.State.IsOpen);

        clock.Now += TimeSpan.FromSeconds(5);
        await engine.Slot(key).WakeAsync(run);
        Assert.False(run.State.IsOpen);
    }

    private async Task<Run> StartAsync()
    {
        await engine.Slot(key).ChangeAsync(turn =>
        {
            Starting.Launch(turn.Begin(new RunStart
            {
                Key = key,
                RunId = turn.Ids.NewId(),
                RequestId = "start",
                Attributes = new WorkflowExecutionStartedEventAttributes
                {
                    WorkflowType = new WorkflowType { Name = "Flow" },
                    TaskQueue = Starting.Queue("queue"),
                    WorkflowRunTimeout = TimeSpan.FromSeconds(5).ToProto(),
                    WorkflowTaskTimeout = TimeSpan.FromSeconds(10).ToProto(),
                },
            }));
            return true;
        });
        return engine.Slot(key).Read(turn => turn.Current)!;
    }

    /// <summary>Stands still between what the test does, and wakes nobody: the test wakes.</summary>
    private sealed class HandClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Silent();

        private sealed class Silent : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
