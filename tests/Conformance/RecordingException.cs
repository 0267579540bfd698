namespace Dispatch.Conformance;

/// <summary>A file is no recording that this runner understands; the message says where and what.</summary>
internal sealed class RecordingException(string message, Exception? inner = null) : Exception(message, inner);
