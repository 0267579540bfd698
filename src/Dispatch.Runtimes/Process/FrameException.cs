namespace Dispatch.Runtimes.Process;

/// <summary>What came over the socket between worker and guard is no frame of theirs: the connection ends.</summary>
internal sealed class FrameException(string message) : IOException(message);
