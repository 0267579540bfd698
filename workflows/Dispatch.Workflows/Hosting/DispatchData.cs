using Dispatch.Contracts;
using Dispatch.Contracts.Runs;
using Temporalio.Converters;

namespace Dispatch.Workflows.Hosting;

/// <summary>How every role of Dispatch reads and writes payloads: JSON as <see cref="DispatchJson"/> has it. Hosts, workers and clients use this converter.</summary>
public static class DispatchData
{
    /// <summary>The converter, without codec; a codec is added by <c>with { PayloadCodec = … }</c> on every role alike.</summary>
    public static DataConverter Converter { get; } = DataConverter.Default with { PayloadConverter = new JsonPayloads() };

    /// <summary>Whether a converter writes what the other roles read. The SDK wraps converters, so that what one writes is all that tells.</summary>
    /// <param name="converter">The converter of a client.</param>
    /// <returns>Whether it writes payloads as <see cref="Converter"/> does.</returns>
    public static bool Speaks(DataConverter converter)
    {
        ArgumentNullException.ThrowIfNull(converter);
        var probe = new ExtendInput { Lease = new("probe"), RunSeconds = 1 };
        return converter.PayloadConverter.ToPayload(probe).Equals(Converter.PayloadConverter.ToPayload(probe));
    }

    private sealed class JsonPayloads() : DefaultPayloadConverter(DispatchJson.Options);
}
