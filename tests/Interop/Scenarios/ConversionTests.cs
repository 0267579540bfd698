using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Google.Protobuf;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Client.Interceptors;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Payloads that the engine cannot read, and headers on everything: it carries both as they are.</summary>
public sealed class ConversionTests
{
    [Scenario("conv-codec")]
    public Task Codec() => Play.RunAsync("conv-codec", async play =>
    {
        play.Worker([typeof(CodecParent), typeof(CodecChild)]);
        var handle = await play.StartAsync("Codec", ["in"], options =>
        {
            options.Memo = new Dictionary<string, object> { ["k"] = "w" };
            options.TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(SearchAttributeKey.CreateKeyword("TruthKeyword"), "plain").ToSearchAttributeCollection();
            options.StaticSummary = "sum";
        });
        await play.UntilAsync(handle, EventType.WorkflowPropertiesModified);
        play.Saw("u1", await handle.ExecuteUpdateAsync<string>("u", ["up"], new("u1")));
        play.Saw("q", await handle.QueryAsync<string>("q", []));
        await handle.SignalAsync("s", ["go"]);
        await play.EndAsync(handle);
    }, [
        new("/encodedAttributes/data", "a stack trace, which is the language's, is among what is encoded"),
        new("/failure/cause/message", "the .NET SDK hands on the cause of a failure that it received as it was decoded"),
    ], connect: options => options.DataConverter = DataConverter.Default with
    {
        PayloadCodec = new Xor(),
        FailureConverter = new DefaultFailureConverter.WithEncodedCommonAttributes(),
    });

    private sealed class Xor : IPayloadCodec
    {
        private static readonly ByteString Name = ByteString.CopyFromUtf8("binary/truth");

        public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads) => Task.FromResult<IReadOnlyCollection<Payload>>(
            [.. payloads.Select(payload => new Payload { Metadata = { ["encoding"] = Name }, Data = Turned(payload.ToByteArray()) })]);

        public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads) => Task.FromResult<IReadOnlyCollection<Payload>>(
            [.. payloads.Select(payload => Name.Equals(payload.Metadata["encoding"]) ? Payload.Parser.ParseFrom(Turned(payload.Data.ToByteArray())) : payload)]);

        private static ByteString Turned(byte[] bytes) => ByteString.CopyFrom([.. bytes.Select(one => (byte)(one ^ 0x55))]);
    }

    [Workflow("Codec")]
    public class CodecParent
    {
        private string _stored = "";

        [WorkflowRun]
        public async Task<string> RunAsync(string what)
        {
            await Step.EchoAsync(what);
            await Step.LocalEchoAsync("l");
            await Workflow.ExecuteChildWorkflowAsync<string>("CodecChild", ["c"], new() { Id = "conv-codec-c" });
            Workflow.UpsertMemo(MemoUpdate.ValueSet("m", "v"));
            await Workflow.WaitConditionAsync(() => _stored.Length > 0);
            await Step.RemoteAsync<object?>("failWith", ["secret", "T", true]);
            return "never";
        }

        [WorkflowUpdate("u")]
        public Task<string> UpdateAsync(string what) => Task.FromResult(what);

        [WorkflowQuery("q")]
        public string Query() => _stored;

        [WorkflowSignal("s")]
        public Task SignalAsync(string what)
        {
            _stored = what;
            return Task.CompletedTask;
        }
    }

    [Workflow]
    public class CodecChild
    {
        [WorkflowRun]
        public Task<string> RunAsync(string what) => Task.FromResult(what);
    }

    [Scenario("conv-headers")]
    public Task Headers() => Play.RunAsync("conv-headers", async play =>
    {
        play.Worker([typeof(HeadersParent), typeof(HeaderChild)], options => options.AddActivity([Activity("readHeader")] () => HeaderOf.Run.Value));
        var handle = await play.StartAsync("Headers", [0]);
        await play.UntilAsync(handle, EventType.SignalExternalWorkflowExecutionFailed);
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 6);
        play.Saw("q", await handle.QueryAsync<string>("q", []));
        play.Saw("u", await handle.ExecuteUpdateAsync<string>("u", [], new("u1")));
        await handle.SignalAsync("s", []);
        await play.EndAsync(handle);
    }, connect: options => options.Interceptors = [new HeaderOf()], paced: true);

    [Workflow("Headers")]
    public class HeadersParent
    {
        private int _signals;

        [WorkflowRun]
        public async Task<string[]> RunAsync(int number)
        {
            var received = HeaderOf.Run.Value!;
            if (number > 0)
                return [received];
            await Step.RemoteAsync<string>("readHeader", []);
            await Step.LocalAsync<string>("readHeader", []);
            var child = await Workflow.StartChildWorkflowAsync("HeaderChild", [], new() { Id = "conv-headers-c" });
            await child.SignalAsync("s", []);
            await child.GetResultAsync<string>();
            await Step.FailureAsync(Workflow.GetExternalWorkflowHandle("conv-headers-x").SignalAsync("s", []));
            await Workflow.WaitConditionAsync(() => _signals > 0);
            throw Workflow.CreateContinueAsNewException("Headers", [1]);
        }

        [WorkflowSignal("s")]
        public Task SignalAsync()
        {
            _signals++;
            return Task.CompletedTask;
        }

        [WorkflowQuery("q")]
        public string Query() => HeaderOf.Handler.Value!;

        [WorkflowUpdate("u")]
        public Task<string> UpdateAsync() => Task.FromResult(HeaderOf.Handler.Value!);
    }

    [Workflow]
    public class HeaderChild
    {
        private string? _signal;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            var run = HeaderOf.Run.Value;
            await Workflow.WaitConditionAsync(() => _signal is not null);
            return $"{run}+{_signal}";
        }

        [WorkflowSignal("s")]
        public Task SignalAsync()
        {
            _signal = HeaderOf.Handler.Value;
            return Task.CompletedTask;
        }
    }

    /// <summary>Sets header <c>h</c> on everything, and keeps what was received.</summary>
    private sealed class HeaderOf : IClientInterceptor, IWorkerInterceptor
    {
        public static readonly AsyncLocal<string?> Run = new();
        public static readonly AsyncLocal<string?> Handler = new();

        public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new OfClient(nextInterceptor);

        public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new Inbound(nextInterceptor);

        public ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => new OfActivity(nextInterceptor);

        private static Dictionary<string, Payload> Set(string value) => new() { ["h"] = DataConverter.Default.PayloadConverter.ToPayload(value) };

        private static string Read(IEnumerable<KeyValuePair<string, Payload>>? headers) =>
            DataConverter.Default.PayloadConverter.ToValue<string>(headers!.Single(header => header.Key == "h").Value);

        private sealed class OfClient(ClientOutboundInterceptor next) : ClientOutboundInterceptor(next)
        {
            public override Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input) =>
                base.StartWorkflowAsync<TWorkflow, TResult>(input with { Headers = Set("client") });

            public override Task SignalWorkflowAsync(SignalWorkflowInput input) => base.SignalWorkflowAsync(input with { Headers = Set("client") });

            public override Task<TResult> QueryWorkflowAsync<TResult>(QueryWorkflowInput input) => base.QueryWorkflowAsync<TResult>(input with { Headers = Set("client") });

            public override Task<WorkflowUpdateHandle<TResult>> StartWorkflowUpdateAsync<TResult>(StartWorkflowUpdateInput input) =>
                base.StartWorkflowUpdateAsync<TResult>(input with { Headers = Set("client") });
        }

        private sealed class OfActivity(ActivityInboundInterceptor next) : ActivityInboundInterceptor(next)
        {
            public override Task<object?> ExecuteActivityAsync(ExecuteActivityInput input)
            {
                Run.Value = Read(input.Headers);
                return base.ExecuteActivityAsync(input);
            }
        }

        private sealed class Inbound(WorkflowInboundInterceptor next) : WorkflowInboundInterceptor(next)
        {
            public override void Init(WorkflowOutboundInterceptor outbound) => base.Init(new Outbound(outbound));

            public override Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
            {
                Run.Value = Read(Workflow.Info.Headers);
                return base.ExecuteWorkflowAsync(input);
            }

            public override Task HandleSignalAsync(HandleSignalInput input)
            {
                Handler.Value = Read(input.Headers);
                return base.HandleSignalAsync(input);
            }

            public override object? HandleQuery(HandleQueryInput input)
            {
                Handler.Value = Read(input.Headers);
                return base.HandleQuery(input);
            }

            public override Task<object?> HandleUpdateAsync(HandleUpdateInput input)
            {
                Handler.Value = Read(input.Headers);
                return base.HandleUpdateAsync(input);
            }
        }

        private sealed class Outbound(WorkflowOutboundInterceptor next) : WorkflowOutboundInterceptor(next)
        {
            public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input) => base.ScheduleActivityAsync<TResult>(input with { Headers = Set("wf") });

            public override Task<TResult> ScheduleLocalActivityAsync<TResult>(ScheduleLocalActivityInput input) => base.ScheduleLocalActivityAsync<TResult>(input with { Headers = Set("wf") });

            public override Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(StartChildWorkflowInput input) =>
                base.StartChildWorkflowAsync<TWorkflow, TResult>(input with { Headers = Set("wf") });

            public override Task SignalChildWorkflowAsync(SignalChildWorkflowInput input) => base.SignalChildWorkflowAsync(input with { Headers = Set("wf") });

            public override Task SignalExternalWorkflowAsync(SignalExternalWorkflowInput input) => base.SignalExternalWorkflowAsync(input with { Headers = Set("wf") });

            public override ContinueAsNewException CreateContinueAsNewException(CreateContinueAsNewExceptionInput input) => base.CreateContinueAsNewException(input with { Headers = Set("wf") });
        }
    }
}
