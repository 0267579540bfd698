using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;
using Dispatch.Server.Logs;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Server.Tests.Logs;

/// <summary>What a job's history says of the output of its attempts.</summary>
public sealed class AttemptPrintsTests
{
    private readonly AttemptPrints prints = new();

    public AttemptPrintsTests()
    {
        prints.Take(new() { EventType = EventType.ActivityTaskScheduled, ActivityTaskScheduledEventAttributes = new() });
        prints.Take(Failed(1, 0));
        prints.Take(Failed(2, 7));
        prints.Take(Completed(3, 9));
        prints.Take(new() { EventType = EventType.ActivityTaskCompleted, ActivityTaskCompletedEventAttributes = new() { Result = Of("true") } });
        prints.Take(new() { EventType = EventType.ActivityTaskCompleted, ActivityTaskCompletedEventAttributes = new() });
        prints.Take(new() { EventType = EventType.ActivityTaskFailed, ActivityTaskFailedEventAttributes = new() { Failure = new() { TimeoutFailureInfo = new() } } });
        prints.Take(new() { EventType = EventType.ActivityTaskCanceled, ActivityTaskCanceledEventAttributes = new() { Details = Of(Report(4, 5)) } });
    }

    [Theory]
    [InlineData(1, null, null, 2)]
    [InlineData(1, 2, null, null)]
    [InlineData(2, 3, null, 2)]
    [InlineData(3, 4, null, 3)]
    [InlineData(4, null, null, 4)]
    [InlineData(5, null, null, null)]
    [InlineData(1, null, 1, null)]
    [InlineData(1, null, 3, 3)]
    public void The_first_attempt_that_printed_something_is_found(int atLeast, int? before, int? only, int? first) =>
        Assert.Equal(first, prints.First(atLeast, before, only)?.Attempt);

    [Fact]
    public void How_much_it_printed_is_known() => Assert.Equal(new LogReference(2, 7, 0), prints.First(2, 3, null));

    private static HistoryEvent Completed(int attempt, long bytes) =>
        new() { EventType = EventType.ActivityTaskCompleted, ActivityTaskCompletedEventAttributes = new() { Result = Of(Report(attempt, bytes)) } };

    private static HistoryEvent Failed(int attempt, long bytes)
    {
        var failure = new ContainerFailure { Code = ErrorCode.RuntimeUnavailable, Phase = ErrorPhase.Create, Message = "gone", Log = new(attempt, bytes, 0) };
        return new()
        {
            EventType = EventType.ActivityTaskFailed,
            ActivityTaskFailedEventAttributes = new() { Failure = new Failure { ApplicationFailureInfo = new() { Details = Of(JsonSerializer.Serialize(failure, DispatchJson.Options)) } } },
        };
    }

    private static string Report(int attempt, long bytes) => JsonSerializer.Serialize(
        new ContainerReport { Attempt = attempt, Lease = new($"lease-{attempt}"), End = ContainerEnd.Exited, Outcome = new(), Log = new(attempt, bytes, 0) }, DispatchJson.Options);

    private static Payloads Of(string json) => new() { Payloads_ = { new Payload { Data = ByteString.CopyFromUtf8(json) } } };
}
