using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts.Operations;

/// <summary>The one writer and reader of operations: the same operation is the same bytes, always and everywhere.</summary>
public static class OperationJson
{
    /// <summary>Most bytes of one operation.</summary>
    public const int BytesMax = 512;

    private const char Ellipsis = '…';
    private const int EllipsisBytes = 3;

    /// <summary>The texts that may be cut, in this order; what identifies the dispatch comes last.</summary>
    private static readonly (Func<Operation, string?> Get, Func<Operation, string?, Operation> With, bool Required)[] Cuttable =
    [
        (op => op.Message, (op, text) => op with { Message = text }, false),
        (op => op.Trigger, (op, text) => op with { Trigger = text }, false),
        (op => op.Version, (op, text) => op with { Version = text }, false),
        (op => op.Router, (op, text) => op with { Router = text }, false),
        (op => op.Job?.Value, (op, text) => op with { Job = text is null ? null : new JobId(text) }, false),
        (op => op.TaskQueue, (op, text) => op with { TaskQueue = text! }, true),
        (op => op.Pool, (op, text) => op with { Pool = text }, false),
        (op => op.Error, (op, text) => op with { Error = text }, false),
        (op => op.Cause, (op, text) => op with { Cause = text }, false),
        (op => op.Reason, (op, text) => op with { Reason = text }, false),
        (op => op.Worker?.Value, (op, text) => op with { Worker = text is null ? null : new WorkerId(text) }, false),
        (op => op.Lease?.Value, (op, text) => op with { Lease = text is null ? null : new LeaseId(text) }, false),
        (op => op.SpecDigest, (op, text) => op with { SpecDigest = text }, false),
        (op => op.Conversation.Value, (op, text) => op with { Conversation = new(text!) }, true),
    ];

    /// <summary>Writes an operation within <see cref="BytesMax"/>: members in a fixed order, nulls left out, the time in UTC.</summary>
    /// <remarks>Where it would be longer, texts are cut, marked with an ellipsis: the message first, then others, ids last.</remarks>
    /// <param name="operation">The operation; its numbers are finite.</param>
    /// <returns>UTF-8 that <see cref="Read"/> reads.</returns>
    public static byte[] Write(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var bytes = WriteWhole(operation);
        foreach (var (get, with, _) in Cuttable)
        {
            if (bytes.Length <= BytesMax)
                return bytes;
            if (get(operation) is not { } text || CanonicalJson.EncodedBytes(text) <= EllipsisBytes)
                continue;
            operation = with(operation, Cut(text, CanonicalJson.EncodedBytes(text) - (bytes.Length - BytesMax)));
            bytes = WriteWhole(operation);
        }

        foreach (var (get, with, required) in Cuttable)
        {
            if (bytes.Length <= BytesMax)
                return bytes;
            if (required || get(operation) is null)
                continue;
            operation = with(operation, null);
            bytes = WriteWhole(operation);
        }

        return bytes;
    }

    /// <summary>Reads an operation. Members it does not know are passed over.</summary>
    /// <param name="utf8Json">What <see cref="Write"/> wrote, or a later version of it.</param>
    /// <returns>The operation.</returns>
    /// <exception cref="FormatException">It is no operation; the text says where it breaks.</exception>
    public static Operation Read(ReadOnlySpan<byte> utf8Json) =>
        TryRead(utf8Json, out var operation, out var error) ? operation : throw new FormatException($"This is no operation: {error}");

    /// <summary>Reads an operation.</summary>
    /// <param name="utf8Json">What <see cref="Write"/> wrote, or a later version of it.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="error">What is wrong with it.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> utf8Json, [NotNullWhen(true)] out Operation? operation, [NotNullWhen(false)] out string? error)
    {
        operation = null;
        error = null;
        try
        {
            operation = JsonSerializer.Deserialize<Operation>(utf8Json, DispatchJson.Options);
        }
        catch (JsonException broken)
        {
            error = broken.Message;
            return false;
        }

        if (operation is null)
            error = "it is null.";
        else if (operation.Sequence < 1 || operation.TaskQueue is null || operation.Conversation.Value is null)
            error = "sequence, conversation and taskQueue must be there.";
        return error is null;
    }

    private static byte[] WriteWhole(Operation op)
    {
        var json = new CanonicalJson().BeginObject();
        json.Name("sequence").Whole(op.Sequence);
        json.Name("kind").Text(op.Kind.ToString());
        json.Name("conversation").Text(op.Conversation.Value);
        json.Name("taskQueue").Text(op.TaskQueue);
        json.Name("time").Text(op.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        Text(json, "state", op.State?.ToString());
        if (op.RetryEligible is { } eligible)
            json.Name("retryEligible").Truth(eligible);
        Text(json, "job", op.Job?.Value);
        Text(json, "pool", op.Pool);
        Text(json, "trigger", op.Trigger);
        Text(json, "specDigest", op.SpecDigest);
        Whole(json, "attempt", op.Attempt);
        Text(json, "worker", op.Worker?.Value);
        Whole(json, "incarnation", op.Incarnation);
        Text(json, "lease", op.Lease?.Value);
        Whole(json, "fence", op.Fence);
        Text(json, "router", op.Router);
        Whole(json, "delivery", op.Delivery);
        Number(json, "receiptSeconds", op.ReceiptSeconds);
        Number(json, "runSeconds", op.RunSeconds);
        Text(json, "version", op.Version);
        Text(json, "cause", op.Cause);
        Text(json, "error", op.Error);
        Whole(json, "exitCode", op.ExitCode);
        Whole(json, "signal", op.Signal);
        Text(json, "reason", op.Reason);
        Whole(json, "attemptsUsed", op.AttemptsUsed);
        Text(json, "message", op.Message);
        return json.EndObject().ToArray();
    }

    /// <summary>Cuts to at most so many encoded bytes, the ellipsis included; never inside a character.</summary>
    private static string Cut(string text, int bytesMax)
    {
        var kept = new StringBuilder();
        var left = bytesMax - EllipsisBytes;
        foreach (var rune in text.EnumerateRunes())
        {
            left -= CanonicalJson.EncodedBytes(rune);
            if (left < 0)
                break;
            kept.Append(rune.ToString());
        }

        return kept.Append(Ellipsis).ToString();
    }

    private static void Text(CanonicalJson json, string name, string? value)
    {
        if (value is not null)
            json.Name(name).Text(value);
    }

    private static void Whole(CanonicalJson json, string name, long? value)
    {
        if (value is { } number)
            json.Name(name).Whole(number);
    }

    private static void Number(CanonicalJson json, string name, double? value)
    {
        if (value is { } number)
            json.Name(name).Number(number);
    }
}
