using System.Text;

namespace Dispatch.Runtimes.Tests.Suite;

/// <summary>Keeps output in memory; a test may make it slow.</summary>
public sealed class RecordingSink : IOutputSink
{
    private readonly Lock _gate = new();
    private readonly Dictionary<OutputStream, List<byte>> _streams = new() { [OutputStream.Stdout] = [], [OutputStream.Stderr] = [] };

    /// <summary>Awaited before each append.</summary>
    public Func<CancellationToken, Task>? BeforeAppend { get; set; }

    public byte[] Stdout => Bytes(OutputStream.Stdout);

    public byte[] Stderr => Bytes(OutputStream.Stderr);

    public string StdoutText => Encoding.UTF8.GetString(Stdout);

    public string StderrText => Encoding.UTF8.GetString(Stderr);

    public long Position(OutputStream stream)
    {
        lock (_gate)
            return _streams[stream].Count;
    }

    public async ValueTask AppendAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (BeforeAppend is { } before)
            await before(cancellationToken);
        lock (_gate)
            _streams[stream].AddRange(bytes.Span);
    }

    private byte[] Bytes(OutputStream stream)
    {
        lock (_gate)
            return [.. _streams[stream]];
    }
}
