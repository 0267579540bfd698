using System.Text;
using CsCheck;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Operations;

namespace Dispatch.Contracts.Tests.Operations;

public class OperationTests
{
    private static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.String[Gen.Char['a', 'z'], 0, 12], Gen.String[Gen.OneOf(Gen.Char['\0', '~'], Gen.Char["żłć日本\u2028\"\\\n"]), 0, 700], Gen.String[0, 300]);

    private static readonly Gen<Operation> AnyOperation = Gen.Select(
        Gen.Select(Gen.Int[1, int.MaxValue], Gen.Enum<OperationKind>(), AnyText, AnyText, Gen.DateTime, Gen.Enum<OperationActivityState>().Nullable()),
        Gen.Select(AnyText.Null(), AnyText.Null(), AnyText.Null(), AnyText.Null(), AnyText.Null(), AnyText.Null()),
        Gen.Select(AnyText.Null(), AnyText.Null(), AnyText.Null(), AnyText.Null(), Gen.Long.Nullable(), Gen.Long.Nullable(), Gen.Double[0, 1e9].Nullable()),
        Gen.Select(Gen.Int.Nullable(), Gen.Int.Nullable(), Gen.Int.Nullable(), Gen.Int.Nullable(), Gen.Int.Nullable(), Gen.Bool.Nullable(), AnyText.Null(), AnyText.Null()),
        (a, b, c, d) => new Operation
        {
            Sequence = a.Item1,
            Kind = a.Item2,
            Conversation = new(a.Item3),
            TaskQueue = a.Item4,
            Time = new(a.Item5.Ticks, TimeSpan.Zero),
            State = a.Item6,
            Job = b.Item1 is { } job ? new JobId(job) : null,
            Pool = b.Item2,
            Trigger = b.Item3,
            SpecDigest = b.Item4,
            Worker = b.Item5 is { } worker ? new WorkerId(worker) : null,
            Lease = b.Item6 is { } lease ? new LeaseId(lease) : null,
            Router = c.Item1,
            Version = c.Item2,
            Cause = c.Item3,
            Error = c.Item4,
            Incarnation = c.Item5,
            Fence = c.Item6,
            ReceiptSeconds = c.Item7,
            RunSeconds = c.Item7,
            Attempt = d.Item1,
            Delivery = d.Item2,
            ExitCode = d.Item3,
            Signal = d.Item4,
            AttemptsUsed = d.Item5,
            RetryEligible = d.Item6,
            Reason = d.Item7,
            Message = d.Item8,
        });

    [Fact]
    public void Every_operation_fits_its_entry_and_writing_what_was_read_gives_the_same_bytes() => AnyOperation.Sample(operation =>
    {
        var bytes = OperationJson.Write(operation);
        Assert.True(bytes.Length <= OperationJson.BytesMax, $"{bytes.Length}");
        var read = OperationJson.Read(bytes);
        Assert.Equal(bytes, OperationJson.Write(read));
        Assert.Equal((operation.Sequence, operation.Kind, operation.Time, operation.Attempt), (read.Sequence, read.Kind, read.Time, read.Attempt));
    });

    [Fact]
    public void An_operation_that_fits_is_read_back_whole() => Gen.Select(Gen.Int[1, 9_999], Gen.Long[0, 3_155_378_975_999_999_999], Gen.Int[1, 50], Gen.Double[0.001, 1e6], (sequence, ticks, attempt, seconds) => new Operation
    {
        Sequence = sequence,
        Kind = OperationKind.MessageSent,
        Conversation = new("3f2a8f8e-0c55-4f0e-9a37-6a2f7f0c1b11"),
        TaskQueue = "worker:w-1:7",
        Time = new(ticks, TimeSpan.Zero),
        Attempt = attempt,
        Worker = new("w-1"),
        Delivery = 1,
        ReceiptSeconds = seconds,
        RunSeconds = seconds,
        Version = "0.1.0",
    }).Sample(operation => Assert.Equal(operation, OperationJson.Read(OperationJson.Write(operation))));

    [Fact]
    public void The_canonical_form_is_these_bytes()
    {
        var operation = Ops.Opened() with { Message = "it's \"ż\"\n" };
        Assert.Equal(
            """{"sequence":1,"kind":"ConversationOpened","conversation":"c1","taskQueue":"dispatch","time":"2026-01-02T03:04:05.5Z","state":"ActivityScheduled","job":"j1","pool":"default","trigger":"cli","specDigest":"sha256:00","message":"it's \"ż\"\n"}""",
            Encoding.UTF8.GetString(OperationJson.Write(operation)));
    }

    [Fact]
    public void A_long_message_is_cut_first_and_between_characters()
    {
        var operation = Ops.Opened() with { Message = string.Concat(Enumerable.Repeat("日", 400)), Trigger = "child(parent)" };
        var read = OperationJson.Read(OperationJson.Write(operation));

        Assert.Equal("child(parent)", read.Trigger);
        Assert.EndsWith("日…", read.Message, StringComparison.Ordinal);
        Assert.InRange(OperationJson.Write(operation).Length, OperationJson.BytesMax - 3, OperationJson.BytesMax);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"sequence":1,"kind":"Nothing","conversation":"c","taskQueue":"q","time":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"sequence":0,"kind":"MessageSent","conversation":"c","taskQueue":"q","time":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"sequence":1,"kind":"MessageSent","conversation":null,"taskQueue":"q","time":"2026-01-01T00:00:00Z"}""")]
    public void What_is_no_operation_is_told(string json) =>
        Assert.StartsWith("This is no operation: ", Assert.Throws<FormatException>(() => OperationJson.Read(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    [Fact]
    public void Members_of_a_later_version_are_passed_over() =>
        Assert.Equal(1, OperationJson.Read("""{"sequence":1,"kind":"MessageSent","conversation":"c","taskQueue":"q","time":"2026-01-01T00:00:00Z","later":{"x":1}}"""u8).Sequence);

    [Theory]
    [InlineData(1, "dispatch.op.0001")]
    [InlineData(9_999, "dispatch.op.9999")]
    [InlineData(10_000, "dispatch.op.10000")]
    public void A_key_is_written_and_read(int sequence, string key)
    {
        Assert.Equal(key, OperationKeys.Of(sequence));
        Assert.True(OperationKeys.TryParse(key, out var read));
        Assert.Equal(sequence, read);
    }

    [Theory]
    [InlineData("dispatch.op.1")]
    [InlineData("dispatch.op.00001")]
    [InlineData("dispatch.op.0000")]
    [InlineData("dispatch.op.-001")]
    [InlineData("dispatch.op.")]
    [InlineData("other")]
    [InlineData(null)]
    public void What_is_no_key_is_refused(string? key) => Assert.False(OperationKeys.TryParse(key, out _));
}
