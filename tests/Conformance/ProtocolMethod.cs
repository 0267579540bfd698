using Google.Protobuf.Reflection;

namespace Dispatch.Conformance;

/// <summary>A method's path on the wire and its messages.</summary>
internal sealed record ProtocolMethod(string Path, MessageDescriptor Request, MessageDescriptor Response);
