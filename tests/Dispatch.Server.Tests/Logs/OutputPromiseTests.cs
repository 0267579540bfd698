using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Server.Logs;

namespace Dispatch.Server.Tests.Logs;

public sealed class OutputPromiseTests
{
    private static readonly ConversationId Conversation = new("3f2a8f8e-0c55-4f0e-9a37-6a2f7f0c1b11");

    [Fact]
    public void A_report_says_how_much_its_attempt_printed()
    {
        var total = new LogReference(2, 10, 20);
        Assert.Equal(OutputPromise.Of(total), OutputPromise.Of(2, [Of(2, OperationKind.MessageReceived)], closed: true, Report(total)));
        Assert.Equal(OutputPromise.UntilSaid, OutputPromise.Of(1, [Of(1, OperationKind.MessageReceived), Of(2, OperationKind.MessageReceived)], closed: true, Report(total)));
    }

    [Theory]
    [InlineData(OperationKind.MessageReceived, false, true)]
    [InlineData(OperationKind.MessageReceived, true, true)]
    [InlineData(OperationKind.WorkerExited, false, false)]
    [InlineData(OperationKind.WorkerExited, true, false)]
    [InlineData(OperationKind.MessageSent, false, false)]
    [InlineData(OperationKind.MessageSent, true, true)]
    public void Without_a_report_a_worker_that_answered_or_still_has_the_attempt_is_to_say_when_it_has_shipped_all(OperationKind last, bool closed, bool more) =>
        Assert.Equal(more ? OutputPromise.UntilSaid : OutputPromise.Captured, OutputPromise.Of(1, [Of(1, OperationKind.WorkerSelected), Of(1, last)], closed, report: null));

    [Fact]
    public void Of_an_attempt_that_the_memo_forgot_nothing_is_promised() =>
        Assert.Equal(OutputPromise.Captured, OutputPromise.Of(1, [Of(9, OperationKind.MessageReceived)], closed: true, Report(null)));

    private static Operation Of(int attempt, OperationKind kind) =>
        new() { Sequence = 1, Kind = kind, Conversation = Conversation, TaskQueue = "dispatch", Time = DateTimeOffset.UnixEpoch, Attempt = attempt };

    private static JobReport Report(LogReference? log) =>
        new() { Job = new("job"), Conversation = Conversation, Reason = TerminationReason.WorkloadExited, Outcome = new(), Log = log };
}
