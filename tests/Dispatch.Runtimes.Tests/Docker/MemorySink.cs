using System.Text;

namespace Dispatch.Runtimes.Tests.Docker;

/// <summary>Keeps output in memory; can be made slow, or to fail.</summary>
internal sealed class MemorySink : IOutputSink, IDisposable
{
    private readonly Lock _lock = new();
    private readonly MemoryStream _stdout = new();
    private readonly MemoryStream _stderr = new();

    /// <summary>Awaited before each append.</summary>
    public Func<Task>? BeforeAppend { get; set; }

    public byte[] Stdout => Bytes(OutputStream.Stdout);

    public string StdoutText => Encoding.UTF8.GetString(Stdout);

    public byte[] Stderr => Bytes(OutputStream.Stderr);

    public string StderrText => Encoding.UTF8.GetString(Stderr);

    public long Position(OutputStream stream)
    {
        lock (_lock)
            return Of(stream).Length;
    }

    public async ValueTask AppendAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (BeforeAppend is { } before)
            await before();
        lock (_lock)
            Of(stream).Write(bytes.Span);
    }

    public void Dispose()
    {
        _stdout.Dispose();
        _stderr.Dispose();
    }

    private byte[] Bytes(OutputStream stream)
    {
        lock (_lock)
            return Of(stream).ToArray();
    }

    private MemoryStream Of(OutputStream stream) => stream == OutputStream.Stdout ? _stdout : _stderr;
}
