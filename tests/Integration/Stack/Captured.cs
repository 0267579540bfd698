using System.Text;

namespace Dispatch.Integration.Tests.Stack;

/// <summary>The bytes of one output of a process, as far as they have come.</summary>
internal sealed class Captured
{
    private readonly MemoryStream _bytes = new();

    public byte[] Bytes
    {
        get
        {
            lock (_bytes)
                return _bytes.ToArray();
        }
    }

    public string Text => Encoding.UTF8.GetString(Bytes);

    public async Task PumpAsync(Stream from)
    {
        var chunk = new byte[64 * 1024];
        int count;
        while ((count = await from.ReadAsync(chunk)) > 0)
        {
            lock (_bytes)
                _bytes.Write(chunk, 0, count);
        }
    }
}
