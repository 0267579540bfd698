using System.Text.Json;
using Dispatch.Engine.Frontend;
using Google.Protobuf;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>Where a list goes on: the place in the order of the last row that was given.</summary>
internal sealed record VisibilityPageToken(long? CloseTicks, long StartTicks, string RunId)
{
    public static ByteString After(VisibilityRow row) => UnsafeByteOperations.UnsafeWrap(JsonSerializer.SerializeToUtf8Bytes(
        new VisibilityPageToken(row.CloseTime?.UtcTicks, row.StartTime.UtcTicks, row.RunId)));

    /// <summary>A stand-in for the row with its place in the order; null for an empty token.</summary>
    /// <exception cref="EngineException">INVALID_ARGUMENT: it is no token of a list.</exception>
    public static VisibilityRow? Read(ByteString token)
    {
        if (token.IsEmpty)
        {
            return null;
        }

        try
        {
            var place = JsonSerializer.Deserialize<VisibilityPageToken>(token.Span)!;
            return new VisibilityRow
            {
                Namespace = "",
                WorkflowId = "",
                RunId = place.RunId,
                WorkflowType = "",
                TaskQueue = "",
                Status = WorkflowExecutionStatus.Unspecified,
                StartTime = new DateTimeOffset(place.StartTicks, TimeSpan.Zero),
                ExecutionTime = new DateTimeOffset(place.StartTicks, TimeSpan.Zero),
                CloseTime = place.CloseTicks is { } close ? new DateTimeOffset(close, TimeSpan.Zero) : null,
            };
        }
        catch (Exception failure) when (failure is JsonException or ArgumentOutOfRangeException or NullReferenceException)
        {
            throw EngineException.InvalidArgument("Invalid NextPageToken.");
        }
    }
}
