using System.Net;
using System.Net.Sockets;
using System.Text;
using Dispatch.Runtimes.Docker;
using Docker.DotNet;

namespace Dispatch.Runtimes.Tests.Docker;

/// <summary>An attachment, and a log, over an engine that answers what a real one would not on request.</summary>
public sealed class EngineStreamTests : IDisposable
{
    private const string Attached = "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\n\r\n";
    private static readonly byte[] Frames = [1, 0, 0, 0, 0, 0, 0, 3, .. "abc"u8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, .. "?"u8, 2, 0, 0, 0, 0, 0, 0, 2, .. "xy"u8];

    private readonly string _folder = Directory.CreateTempSubdirectory("ea").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<Socket> _clients = [];
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(30));

    public EngineStreamTests()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "s")));
        _listener.Listen();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _clients.ForEach(client => client.Dispose());
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

    [Fact]
    public async Task A_newline_that_the_engine_left_out_of_its_log_is_put_back_as_soon_as_more_shows_that_it_was_there()
    {
        byte[] piece = [.. Enumerable.Repeat((byte)'x', LeftOutNewlines.PieceBytes)];
        byte[][] frames =
        [
            Logged(1, piece), Logged(2, "e\n"u8), Logged(1, "rest"u8), Logged(2, "f\n"u8), Logged(1, "short\n"u8),
            Logged(1, piece), Logged(1, []), Logged(1, piece), Logged(1, [.. piece[1..], (byte)'\n']), Logged(1, piece), Logged(1, "no end"u8),
        ];
        var (stdout, stderr) = (new List<byte>(), new List<byte>());

        var serving = ServeAsync("HTTP/1.0 200 OK\r\n\r\n"u8.ToArray(), [.. frames.SelectMany(frame => frame)]);
        using var log = await EngineStream.ReadLogAsync(Engine, "id", follow: false, new LeftOutNewlines(), _deadline.Token);
        var buffer = new byte[1000];
        while (await log.ReadAsync(buffer, _deadline.Token) is var (stream, count) && count > 0)
            (stream == OutputStream.Stdout ? stdout : stderr).AddRange(buffer[..count]);

        await serving;
        Assert.Equal<byte>([.. piece, .. "rest\nshort\n"u8, .. piece, (byte)'\n', .. piece, .. piece[1..], (byte)'\n', .. piece, .. "no end"u8], stdout);
        Assert.Equal("e\nf\n", Encoding.ASCII.GetString([.. stderr]));
    }

    [Fact]
    public async Task An_attachment_that_the_engine_has_ended_is_not_quiet()
    {
        using var open = await OpenAsync(Encoding.ASCII.GetBytes(Attached), [], ends: false);
        using var ended = await OpenAsync(Encoding.ASCII.GetBytes(Attached), []);

        Assert.Equal((true, false), (open.IsQuiet, ended.IsQuiet));
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
        await Assert.ThrowsAsync<IOException>(() => OpenAsync(new byte[EngineStream.AnswerBytesMax + 1], []));
    }

    private Uri Engine => new($"unix://{_folder}/s");

    private static byte[] Logged(byte stream, ReadOnlySpan<byte> bytes)
    {
        byte[] frame = [.. "2026-11-26T10:20:53.807603015+02:00 "u8, .. bytes];
        return [stream, 0, 0, 0, 0, 0, (byte)(frame.Length >> 8), (byte)frame.Length, .. frame];
    }

    /// <summary>Attaches to an engine that answers with two pieces and ends.</summary>
    private async Task<EngineStream> OpenAsync(byte[] first, byte[] second, bool ends = true)
    {
        var serving = ServeAsync(first, second, ends);
        var attachment = await EngineStream.AttachAsync(Engine, "id", takesInput: false, _deadline.Token);
        await serving;
        return attachment;
    }

    private async Task ServeAsync(byte[] first, byte[] second, bool ends = true)
    {
        var client = await _listener.AcceptAsync(_deadline.Token);
        _clients.Add(client);
        await client.ReceiveAsync(new byte[1024], _deadline.Token);
        await client.SendAsync(first, _deadline.Token);
        await client.SendAsync(second, _deadline.Token);
        if (ends)
            client.Dispose();
    }
}
