namespace Dispatch.Runtimes.Docker;

/// <summary>What a sink still misses of an output that is read from its beginning: the bytes it has are passed over, counted a stream.</summary>
internal sealed class MissingOutput(IOutputSink sink, Func<OutputStream, ReadOnlyMemory<byte>, CancellationToken, ValueTask> append)
{
    private long _stdout = sink.Position(OutputStream.Stdout);
    private long _stderr = sink.Position(OutputStream.Stderr);

    /// <summary>How many bytes of standard output the sink has beyond what was read.</summary>
    public long StdoutLeft => _stdout;

    /// <summary>How many bytes of standard error the sink has beyond what was read.</summary>
    public long StderrLeft => _stderr;

    /// <summary>Takes the next bytes of a stream.</summary>
    public ValueTask TakeAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        ref var left = ref stream == OutputStream.Stdout ? ref _stdout : ref _stderr;
        var known = (int)Math.Min(left, bytes.Length);
        left -= known;
        return known < bytes.Length ? append(stream, bytes[known..], cancellationToken) : ValueTask.CompletedTask;
    }
}
