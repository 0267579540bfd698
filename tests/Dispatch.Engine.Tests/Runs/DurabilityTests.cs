using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Journal;
using Dispatch.Engine.Matching;
using Dispatch.Engine.Runs;
using Dispatch.Engine.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.Tests.Runs;

public sealed class DurabilityTests : IDisposable
{
    private readonly HeldJournal journal = new();
    private readonly RunEngine engine;
    private readonly WorkflowKey key;

    public DurabilityTests()
    {
        var options = new EngineOptions();
        var attributes = new SearchAttributeRegistry();
        var namespaces = new NamespaceRegistry(options, attributes);
        engine = new RunEngine(
            new EngineServices(options, namespaces, attributes, new InMemoryVisibilityStore(100), default), journal, new RandomIds());
        key = RunEngine.Key(namespaces.Require("default"), "workflow");
    }

    public void Dispose() => engine.Dispose();

    [Fact]
    public async Task Nobody_hears_of_a_transaction_before_the_journal_has_it()
    {
        var start = StartAsync();
        var signal = SignalAsync();
        var queue = engine.Queues.Get(new QueueKey(key.NamespaceId, "queue", IsActivity: false));
        Assert.False(start.IsCompleted || signal.IsCompleted);
        Assert.Equal(0, queue.BacklogCount);

        journal.Release(0);
        await start.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1, queue.BacklogCount);
        Assert.False(signal.IsCompleted);

        journal.Release(1);
        await signal.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Effects_keep_the_order_of_the_journal()
    {
        var start = StartAsync();
        var signal = SignalAsync();
        journal.Release(1);
        Assert.False(signal.IsCompleted);
        journal.Release(0);
        await Task.WhenAll(start, signal).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_journal_that_fails_is_told_to_the_caller_and_holds_nobody_up()
    {
        var start = StartAsync();
        journal.Fail(0, new IOException("disk full"));
        await Assert.ThrowsAsync<IOException>(() => start.WaitAsync(TimeSpan.FromSeconds(10)));
        var signal = SignalAsync();
        journal.Release(1);
        await signal.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private Task<bool> StartAsync() => engine.Slot(key).ChangeAsync(turn =>
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
                WorkflowTaskTimeout = TimeSpan.FromSeconds(10).ToProto(),
            },
        }));
        return true;
    }).AsTask();

    private Task<bool> SignalAsync() => engine.Slot(key).ChangeAsync(turn =>
    {
        External.Signal(turn.Decide(turn.Current!), new WorkflowExecutionSignaledEventAttributes { SignalName = "signal" }, []);
        return true;
    }).AsTask();

    private sealed class HeldJournal : IJournal
    {
        private readonly List<TaskCompletionSource> appended = [];

        public Task AppendAsync(Transaction transaction)
        {
            appended.Add(new TaskCompletionSource());
            return appended[^1].Task;
        }

        public void Release(int index) => appended[index].SetResult();

        public void Fail(int index, Exception failure) => appended[index].SetException(failure);
    }
}
