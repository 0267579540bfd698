using Dispatch.Contracts;
using Temporalio.Converters;

namespace Dispatch.Workflows.Hosting;

/// <summary>How every role of Dispatch reads and writes payloads: JSON as <see cref="DispatchJson"/> has it. Hosts, workers and clients use this converter.</summary>
public static class DispatchData
{
    /// <summary>The converter, without codec; a codec is added by <c>with { PayloadCodec = … }</c> on every role alike.</summary>
    public static DataConverter Converter { get; } = DataConverter.Default with { PayloadConverter = new JsonPayloads() };

    private sealed class JsonPayloads() : DefaultPayloadConverter(DispatchJson.Options);
}
