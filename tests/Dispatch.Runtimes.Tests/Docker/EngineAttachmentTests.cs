using System.Net;
using System.Net.Sockets;
using System.Text;
using Dispatch.Runtimes.Docker;
using Docker.DotNet;

namespace Dispatch.Runtimes.Tests.Docker;

/// <summary>The attachment over an engine that answers what a real one would not on request.</summary>
public sealed class EngineAttachmentTests : IDisposable
{
    private const string Attached = "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\n\r\n";
    private static readonly byte[] Frames = [1, 0, 0, 0, 0, 0, 0, 3, .. "abc"u8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, .. "?"u8, 2, 0, 0, 0, 0, 0, 0, 2, .. "xy"u8];

    private readonly string _folder = Directory.CreateTempSubdirectory("ea").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(30));

    public EngineAttachmentTests()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "s")));
        _listener.Listen();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _deadline.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Frames_become_the_bytes_of_each_stream_wherever_the_connection_cuts_them()
    {
        byte[] answer = [.. Encoding.ASCII.GetBytes(Attached), .. Frames];
        for (var cut = 1; cut < answer.Length; cut++)
        {
            var (stdout, stderr) = (new List<byte>(), new List<byte>());
            using var attachment = await OpenAsync(answer[..cut], answer[cut..]);
            var buffer = new byte[2];
            while (await attachment.ReadAsync(buffer, _deadline.Token) is var (stream, count) && count > 0)
                (stream switch { OutputStream.Stdout => stdout, OutputStream.Stderr => stderr, _ => [] }).AddRange(buffer[..count]);

            Assert.Equal(("abc", "xy"), (Encoding.ASCII.GetString([.. stdout]), Encoding.ASCII.GetString([.. stderr])));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    public async Task An_end_within_a_frame_is_no_end_of_output(int bytes)
    {
        using var attachment = await OpenAsync(Encoding.ASCII.GetBytes(Attached), Frames[..bytes]);
        var buffer = new byte[100];

        await Assert.ThrowsAsync<EndOfStreamException>(async () =>
        {
            while ((await attachment.ReadAsync(buffer, _deadline.Token)).Count > 0)
            {
                // Until the end.
            }
        });
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n{\"m\":\"x\"}and more", 404, "{\"m\":\"x\"}and more")]
    [InlineData("HTTP/1.1 409 Conflict\r\n\r\nwhy not", 409, "why not")]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n", 500, "")]
    public async Task A_refusal_is_passed_on_with_its_words(string answer, int status, string body)
    {
        var error = await Assert.ThrowsAsync<DockerApiException>(() => OpenAsync(Encoding.ASCII.GetBytes(answer), []));

        Assert.Equal(((HttpStatusCode)status, body), (error.StatusCode, error.ResponseBody));
    }

    [Fact]
    public async Task What_is_no_answer_or_too_long_a_one_is_an_error_of_the_connection()
    {
        await Assert.ThrowsAsync<EndOfStreamException>(() => OpenAsync([], []));
        await Assert.ThrowsAsync<EndOfStreamException>(() => OpenAsync("HTTP/1.1 101 UPGR"u8.ToArray(), []));
        await Assert.ThrowsAsync<IOException>(() => OpenAsync("nonsense\r\n\r\n"u8.ToArray(), []));
        await Assert.ThrowsAsync<IOException>(() => OpenAsync(new byte[EngineAttachment.AnswerBytesMax + 1], []));
    }

    /// <summary>Attaches to an engine that answers with two pieces and ends.</summary>
    private async Task<EngineAttachment> OpenAsync(byte[] first, byte[] second)
    {
        var serving = ServeAsync(first, second);
        var attachment = await EngineAttachment.OpenAsync(new Uri($"unix://{_folder}/s"), "id", takesInput: false, _deadline.Token);
        await serving;
        return attachment;
    }

    private async Task ServeAsync(byte[] first, byte[] second)
    {
        using var client = await _listener.AcceptAsync(_deadline.Token);
        await client.ReceiveAsync(new byte[1024], _deadline.Token);
        await client.SendAsync(first, _deadline.Token);
        await client.SendAsync(second, _deadline.Token);
    }
}
