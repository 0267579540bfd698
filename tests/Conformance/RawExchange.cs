using System.Net;
using System.Text.Json.Nodes;

namespace Dispatch.Conformance;

/// <summary>One HTTP/2 exchange below gRPC: headers, kind of data and trailers that came back.</summary>
internal static class RawExchange
{
    private const double TimeoutSecondsDefault = 10;

    private static readonly string[] Kept = ["content-type", "grpc-status", "grpc-message", "grpc-encoding", "allow"];

    public static async Task<JsonObject> SendAsync(string address, JsonObject step, CancellationToken cancellationToken)
    {
        var raw = step["raw"]!.AsObject();
        using var request = Request(address, raw);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds((double?)step["timeout"] ?? TimeoutSecondsDefault));
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        using var client = new HttpMessageInvoker(handler);
        try
        {
            using var response = await client.SendAsync(request, limit.Token).ConfigureAwait(false);
            var data = await response.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
            var headers = Keep(response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated));
            headers.Insert(0, ":status", ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture));
            return Seen(headers, Keep(response.TrailingHeaders.NonValidated), data, "stream");
        }
        catch (HttpRequestException failure)
        {
            return Seen([], [], [], failure.HttpRequestError.ToString());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Seen([], [], [], "timeout");
        }
    }

    private static HttpRequestMessage Request(string address, JsonObject raw)
    {
        var headers = new List<(string Name, string? Value)>
        {
            ("te", "trailers"),
            ("content-type", "application/grpc"),
        };
        var method = "POST";
        foreach (var pair in raw["headers"]?.AsArray() ?? [])
        {
            var name = (string)pair![0]!;
            if (name == ":method")
            {
                method = (string)pair[1]!;
                continue;
            }

            headers.RemoveAll(item => item.Name == name);
            headers.Add((name, (string?)pair[1]));
        }

        var request = new HttpRequestMessage(new HttpMethod(method), $"http://{address}{(string)raw["path"]!}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Convert.FromBase64String((string?)raw["body"] ?? "")),
        };
        foreach (var (name, value) in headers.Where(item => item.Value is not null))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    private static JsonObject Keep(IEnumerable<KeyValuePair<string, System.Net.Http.Headers.HeaderStringValues>> headers) => new(
        headers.Select(header => (Name: header.Key.ToLowerInvariant(), Value: header.Value.ToString()))
            .Where(header => Kept.Contains(header.Name))
            .Select(header => KeyValuePair.Create(header.Name, (JsonNode?)header.Value)));

    private static JsonObject Seen(JsonObject headers, JsonObject trailers, byte[] data, string end) => new()
    {
        ["headers"] = headers,
        ["trailers"] = trailers,
        ["data"] = data switch { [] => "none", [0, ..] => "message", _ => "compressed message" },
        ["end"] = end,
    };
}
