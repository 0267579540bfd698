using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Api.Enums.V1;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Patches of workflow code, in new runs and such as began without them.</summary>
public sealed class PatchTests
{
    /// <summary>A workflow that waits for signal <c>go</c>.</summary>
    public abstract class UntilGo
    {
        private bool _went;

        [WorkflowSignal("go")]
        public Task GoAsync()
        {
            _went = true;
            return Task.CompletedTask;
        }

        protected Task WentAsync() => Workflow.WaitConditionAsync(() => _went);
    }

    [Scenario("patch-new")]
    public Task New_run() => Play.RunAsync("patch-new", async play =>
    {
        play.Worker<PatchNew>();
        await play.EndAsync(await play.StartAsync("PatchNew"));
    });

    [Workflow]
    public class PatchNew
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Step.EchoAsync(Workflow.Patched("p1") ? "new" : "old");
    }

    [Scenario("patch-loop")]
    public Task In_a_loop() => Play.RunAsync("patch-loop", async play =>
    {
        play.Worker<PatchLoop>();
        await play.EndAsync(await play.StartAsync("PatchLoop"));
    });

    [Workflow]
    public class PatchLoop
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var done = new List<string>();
            for (var i = 0; i < 3; i++)
            {
                if (Workflow.Patched("loop-b"))
                    done.Add(await Step.EchoAsync($"b{i}"));
                if (Workflow.Patched("loop-a"))
                    done.Add(await Step.EchoAsync($"a{i}"));
            }

            return [.. done];
        }
    }

    [Scenario("patch-two-same-task")]
    public Task Two_in_one_task() => Play.RunAsync("patch-two-same-task", async play =>
    {
        play.Worker<PatchTwo>();
        await play.EndAsync(await play.StartAsync("PatchTwo"));
    });

    [Workflow]
    public class PatchTwo
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            bool[] taken = [Workflow.Patched("one"), Workflow.Patched("two"), Workflow.Patched("one")];
            Workflow.UpsertTypedSearchAttributes(SearchAttributeKey.CreateKeyword("TruthKeyword").ValueSet("mine"));
            await Workflow.DelayAsync(100);
            return string.Concat(taken.Append(Workflow.Patched("three")).Select(one => one ? 'T' : 'F'));
        }
    }

    [Scenario("patch-old-history")]
    public Task Old_run() => Play.RunAsync("patch-old-history", async play =>
    {
        var first = play.Worker<PatchOld>();
        var handle = await play.StartAsync("PatchOld");
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 2);
        await first.StopAsync();
        play.Worker<PatchOldNew>();
        await handle.SignalAsync("go", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class PatchOld : UntilGo
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var first = await Step.EchoAsync("old");
            await WentAsync();
            return [first, await Step.EchoAsync("end")];
        }
    }

    [Workflow("PatchOld")]
    public class PatchOldNew : UntilGo
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var first = Workflow.Patched("p1") ? await Step.LocalEchoAsync("new") : await Step.EchoAsync("old");
            await WentAsync();
            return [first, Workflow.Patched("p1") ? await Step.LocalEchoAsync("newend") : await Step.EchoAsync("end")];
        }
    }

    [Scenario("patch-missing")]
    public Task Code_without_the_patch() => Play.RunAsync("patch-missing", async play =>
    {
        var first = play.Worker<PatchMissing>();
        var handle = await play.StartAsync("PatchMissing", more: options => options.TaskTimeout = TimeSpan.FromSeconds(2));
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 2);
        await first.StopAsync();
        var wrong = play.Worker<PatchMissingWrong>();
        await handle.SignalAsync("go", []);
        await play.UntilAsync(handle, EventType.WorkflowTaskFailed);
        await wrong.StopAsync();
        play.Worker<PatchMissing>();
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class PatchMissing : UntilGo
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            var result = await Step.EchoAsync(Workflow.Patched("m") ? "n" : "o");
            await WentAsync();
            return result;
        }
    }

    [Workflow("PatchMissing")]
    public class PatchMissingWrong : UntilGo
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            var result = await Step.EchoAsync("n");
            await WentAsync();
            return result;
        }
    }
}
