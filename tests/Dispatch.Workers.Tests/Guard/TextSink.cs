using System.Text;
using Dispatch.Contracts.Logs;
using Dispatch.Runtimes;

namespace Dispatch.Workers.Tests.Guard;

/// <summary>Keeps standard output as text, and counts standard error.</summary>
internal sealed class TextSink : IOutputSink
{
    private readonly StringBuilder _text = new();
    private readonly long[] _positions = new long[3];

    internal string Text
    {
        get
        {
            lock (_text)
                return _text.ToString();
        }
    }

    public long Position(OutputStream stream) => Volatile.Read(ref _positions[(int)stream]);

    public ValueTask AppendAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        lock (_text)
        {
            if (stream == OutputStream.Stdout)
                _text.Append(Encoding.UTF8.GetString(bytes.Span));
            _positions[(int)stream] += bytes.Length;
        }

        return ValueTask.CompletedTask;
    }
}
