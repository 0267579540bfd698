using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace Dispatch.Benchmarks.Loads;

/// <summary>A spec as it is written, for a client whose converter would write it again.</summary>
internal static class RawSpec
{
    public static RawValue Of(string json) => new(new Payload
    {
        Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
        Data = ByteString.CopyFromUtf8(json),
    });
}
