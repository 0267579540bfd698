using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Options of starts and continuations, search attributes, and what large and many runs ask of the engine.</summary>
public sealed class OptionTests
{
    private static readonly SearchAttributeKey<string> Keyword = SearchAttributeKey.CreateKeyword("TruthKeyword");
    private static readonly SearchAttributeKey<long> Number = SearchAttributeKey.CreateLong("TruthInt");
    private static readonly SearchAttributeKey<bool> Flag = SearchAttributeKey.CreateBool("TruthBool");
    private static readonly SearchAttributeKey<double> Share = SearchAttributeKey.CreateDouble("TruthDouble");
    private static readonly SearchAttributeKey<IReadOnlyCollection<string>> List = SearchAttributeKey.CreateKeywordList("TruthKeywordList");

    [Scenario("can-options")]
    public Task Continued_with_options() => Play.RunAsync("can-options", async play =>
    {
        play.Worker<CanOptions>();
        await play.EndAsync(await play.StartAsync("CanOptions", [0], options =>
        {
            options.Memo = new Dictionary<string, object> { ["m1"] = "old" };
            options.TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(Keyword, "k0").ToSearchAttributeCollection();
            options.RunTimeout = TimeSpan.FromSeconds(50);
            options.RetryPolicy = new() { MaximumAttempts = 5 };
        }));
    });

    [Workflow]
    public class CanOptions
    {
        [WorkflowRun]
        public Task<object> RunAsync(int number)
        {
            var info = Workflow.Info;
            switch (number)
            {
                case 0:
                    Workflow.UpsertTypedSearchAttributes(Keyword.ValueSet("up"));
                    throw Workflow.CreateContinueAsNewException("CanOptions", [1]);
                case 1:
                    throw Workflow.CreateContinueAsNewException("CanOptions", [2], new()
                    {
                        RunTimeout = TimeSpan.FromSeconds(40),
                        TaskTimeout = TimeSpan.FromSeconds(4),
                        Memo = new Dictionary<string, object> { ["m2"] = "new" },
                        TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(Number, 9).ToSearchAttributeCollection(),
                        RetryPolicy = Step.Retry(100, attempts: 2),
                    });
                default:
                    var attributes = Workflow.TypedSearchAttributes;
                    return Task.FromResult<object>(new
                    {
                        memo = Workflow.Memo.ToDictionary(entry => entry.Key, entry => Workflow.PayloadConverter.ToValue<string>(entry.Value.Payload)),
                        keyword = attributes.ContainsKey(Keyword) ? attributes.Get(Keyword) : null,
                        @int = attributes.ContainsKey(Number) ? attributes.Get(Number) : (long?)null,
                        runTimeoutMs = info.RunTimeout?.TotalMilliseconds,
                        taskTimeoutMs = info.TaskTimeout.TotalMilliseconds,
                        attempts = info.RetryPolicy?.MaximumAttempts,
                        continued = info.ContinuedRunId is not null,
                    });
            }
        }
    }

    [Scenario("opt-eager-start")]
    public Task Eager_start() => Play.RunAsync("opt-eager-start", async play =>
    {
        play.Worker<EagerStart>(options => options.Identity = "truth-client");
        await play.EndAsync(await play.StartAsync("EagerStart", ["e"], options => options.RequestEagerStart = true));
    }, paced: true);

    [Workflow]
    public class EagerStart
    {
        [WorkflowRun]
        public Task<string> RunAsync(string what) => Step.EchoAsync(what);
    }

    [Scenario("opt-id-policies")]
    public Task Id_policies() => Play.RunAsync("opt-id-policies", async play =>
    {
        play.Worker<Hold>();
        var first = await play.StartAsync("Hold", ["a"]);
        await play.FirstTaskAsync(first);
        await Assert.ThrowsAsync<WorkflowAlreadyStartedException>(() => play.StartAsync("Hold", ["a"]));
        var same = await play.StartAsync("Hold", ["a"], options => options.IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting);
        Assert.Equal(first.ResultRunId, same.ResultRunId);
        var second = await play.StartAsync("Hold", ["b"], options => options.IdConflictPolicy = WorkflowIdConflictPolicy.TerminateExisting);
        await play.FirstTaskAsync(second);
        await second.SignalAsync("finish", []);
        await play.EndAsync(second);
        await Assert.ThrowsAsync<WorkflowAlreadyStartedException>(() => play.StartAsync("Hold", ["b"], options => options.IdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate));
        await Assert.ThrowsAsync<WorkflowAlreadyStartedException>(() => play.StartAsync("Hold", ["b"], options => options.IdReusePolicy = WorkflowIdReusePolicy.AllowDuplicateFailedOnly));
    }, [new("/details/payloads[0]/json", "the text holds the id of the new run")]);

    [Workflow]
    public class Hold : UpdateTests.UntilFinished
    {
        [WorkflowRun]
        public async Task<string> RunAsync(string what)
        {
            await FinishedAsync();
            return what;
        }
    }

    [Scenario("opt-priority-queue")]
    public Task Priority() => Play.RunAsync("opt-priority-queue", async play =>
    {
        play.Worker<Prio>(options => options.AddActivity([Activity("prio")] () => ActivityExecutionContext.Current.Info.Priority?.PriorityKey ?? 0));
        // Both activities go with the answers of their tasks: such have no priority but their own.
        await play.EndAsync(await play.StartAsync("Prio", more: options => options.Priority = new(priorityKey: 4, fairnessKey: "fk", fairnessWeight: 1.5f)));
    });

    [Workflow]
    public class Prio
    {
        [WorkflowRun]
        public async Task<int> RunAsync() => (10 * await Step.RemoteAsync<int>("prio", [])) + await Step.RemoteAsync<int>("prio", [], options => options.Priority = new(priorityKey: 1));
    }

    [Scenario("sa-upsert")]
    public Task Search_attributes() => Play.RunAsync("sa-upsert", async play =>
    {
        play.Worker<SaUpsert>();
        await play.EndAsync(await play.StartAsync("SaUpsert", more: options =>
            options.TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(Keyword, "k1").Set(Number, 1).ToSearchAttributeCollection()));
    });

    [Workflow]
    public class SaUpsert
    {
        [WorkflowRun]
        public async Task<object> RunAsync()
        {
            var before = Workflow.TypedSearchAttributes.Get(Keyword);
            Workflow.UpsertTypedSearchAttributes(
                SearchAttributeKey.CreateText("TruthText").ValueSet("some text"), Keyword.ValueSet("k2"), Number.ValueSet(7), Share.ValueSet(2.5), Flag.ValueSet(true),
                SearchAttributeKey.CreateDateTimeOffset("TruthDatetime").ValueSet(new(2024, 5, 6, 7, 8, 9, TimeSpan.Zero)), List.ValueSet(["x", "y"]));
            Workflow.UpsertTypedSearchAttributes(Number.ValueUnset(), Flag.ValueSet(false));
            await Workflow.DelayAsync(50);
            var now = Workflow.TypedSearchAttributes;
            return new { before, @bool = now.Get(Flag), @double = now.Get(Share), @int = now.ContainsKey(Number) ? now.Get(Number) : (long?)null, keyword = now.Get(Keyword), list = now.Get(List) };
        }
    }

    [Scenario("cache-evict")]
    public Task More_runs_than_the_worker_keeps() => Play.RunAsync("cache-evict", async play =>
    {
        play.Worker<Evict>(options => options.MaxCachedWorkflows = 2);
        var handles = new Dictionary<string, WorkflowHandle>();
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            handles[name] = await play.StartAsync("Evict", [name], id: $"cache-evict-{name}");
            await play.FirstTaskAsync(handles[name]);
        }

        for (var step = 1; step <= 3; step++)
        {
            foreach (var handle in handles.Values)
            {
                await handle.SignalAsync("step", [$"{step}"]);
                await play.UntilAsync(handle, EventType.ActivityTaskCompleted, step);
                await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 1 + (2 * step));
            }
        }

        foreach (var (name, handle) in handles)
            await play.EndAsync(handle, name);
    });

    [Workflow]
    public class Evict
    {
        private readonly List<string> _done = [];
        private string _name = "";

        [WorkflowInit]
        public Evict(string name) => _name = name;

        [WorkflowRun]
        public async Task<string[]> RunAsync(string name)
        {
            await Workflow.WaitConditionAsync(() => _done.Count == 3);
            return [.. _done];
        }

        [WorkflowSignal("step")]
        public async Task StepAsync(string what) => _done.Add(await Step.EchoAsync(_name + what));
    }

    [Scenario("wft-large-history")]
    public Task History_of_several_pages() => Play.RunAsync("wft-large-history", async play =>
    {
        var handle = await play.StartAsync("Large", [300]);
        for (var i = 1; i <= 300; i++)
            await handle.SignalAsync("add", [i]);
        var first = play.Worker<Large>();
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 2);
        await first.StopAsync();
        play.Worker<Large>();
        await handle.SignalAsync("go", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class Large : PatchTests.UntilGo
    {
        private int _sum;
        private int _count;

        [WorkflowRun]
        public async Task<int> RunAsync(int count)
        {
            await Workflow.WaitConditionAsync(() => _count == count);
            var result = await Step.RemoteAsync<int>("echo", [_sum]);
            await WentAsync();
            return result;
        }

        [WorkflowSignal("add")]
        public Task AddAsync(int number)
        {
            _sum += number;
            _count++;
            return Task.CompletedTask;
        }
    }
}
