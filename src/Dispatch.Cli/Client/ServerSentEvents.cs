using System.Runtime.CompilerServices;
using System.Text;

namespace Dispatch.Cli.Client;

/// <summary>One server-sent event.</summary>
internal sealed record ServerSentEvent(string Name, string Data, string? Id);

/// <summary>Reads an event stream as the HTML standard defines it (section 9.2).</summary>
internal static class ServerSentEvents
{
    /// <summary>A line longer than this is no event of ours.</summary>
    internal const int LineCharsMax = 1 << 20;

    /// <summary>Yields the events until the stream ends.</summary>
    public static async IAsyncEnumerable<ServerSentEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, new UTF8Encoding(false));
        var data = new StringBuilder();
        string? id = null;
        var name = "message";
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Length > LineCharsMax)
                throw new InvalidDataException($"an event line of {line.Length} characters; the most is {LineCharsMax}");
            if (line.Length == 0)
            {
                if (data.Length > 0)
                    yield return new ServerSentEvent(name, data.ToString(), id);
                data.Clear();
                name = "message";
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var field = colon < 0 ? line : line[..colon];
            var value = colon < 0 ? "" : line[(colon + 1)..].TrimStart(' ');
            switch (field)
            {
                case "event":
                    name = value;
                    break;
                case "id":
                    id = value;
                    break;
                case "data":
                    if (data.Length > 0)
                        data.Append('\n');
                    data.Append(value);
                    break;
            }
        }
    }
}
