using System.Net;
using System.Text;
using System.Text.Json;
using Dispatch.Cli.Client;
using Dispatch.Cli.Verbs;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Microsoft.Extensions.Time.Testing;

namespace Dispatch.Cli.Tests.Client;

public sealed class PatienceTests
{
    private static readonly JobId Job = new("job-1");
    private static readonly Uri[] Servers = [new("http://one:1")];
    private readonly List<string> _notes = [];

    [Fact]
    public async Task A_follower_goes_on_through_a_restart_and_tells_it_in_one_line()
    {
        using var server = new Script(
            () => Events("id: 1:1.0\nevent: output\ndata: {\"attempt\":1}\n\n"),
            () => throw new HttpRequestException(HttpRequestError.ConnectionError, "nobody listens"),
            () => new HttpResponseMessage((HttpStatusCode)499),
            () => Refusal(ErrorCode.RegistryUnavailable),
            () => Events("id: 1:2.0\nevent: output\ndata: {\"attempt\":1}\n\nevent: end\ndata: {}\n\n"));
        using var client = new DispatchClient(Servers, server);
        var pieces = 0;
        await foreach (var piece in client.FollowAsync(Job, "", Patience(TimeProvider.System), CancellationToken.None))
            pieces++;
        Assert.Equal((2, 0), (pieces, server.Left));
        Assert.Equal("1:1.0", server.Cursors[^1]);
        Assert.Contains("job-1 goes on, and for 30 s it is tried again", Assert.Single(_notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_that_did_not_come_is_told_and_the_rest_read_on()
    {
        using var server = new Script(
            () => Events("event: missing\ndata: {\"attempt\":1,\"text\":\"4 bytes have not come\"}\n\nid: 2:1.0\nevent: output\ndata: {\"attempt\":2}\n\nevent: end\ndata: {}\n\n"));
        using var client = new DispatchClient(Servers, server);
        var patience = Patience(TimeProvider.System);
        var attempts = new List<int>();
        await foreach (var piece in client.FollowAsync(Job, "", patience, CancellationToken.None))
            attempts.Add(piece.Attempt);
        Assert.Equal([2], attempts);
        Assert.True(patience.OutputMissing);
        Assert.Equal("dispatch: 4 bytes have not come; what comes later `dispatch logs job-1` shows", Assert.Single(_notes));
    }

    [Fact]
    public async Task An_answer_is_awaited_through_a_restart_but_a_server_that_never_answered_is_told_at_once()
    {
        var asked = 0;
        var patience = Patience(TimeProvider.System);
        await Assert.ThrowsAsync<NoServerException>(() => patience.AskAsync<int>(() => throw new NoServerException("nobody"), CancellationToken.None));
        Assert.Empty(_notes);
        patience.Answered();
        Assert.Equal(3, await patience.AskAsync(() => ++asked < 3 ? throw new NoServerException("nobody") : Task.FromResult(asked), CancellationToken.None));
        Assert.Single(_notes);
    }

    [Theory]
    [InlineData(HttpRequestError.ResponseEnded)]
    [InlineData(HttpRequestError.Unknown)]
    public async Task A_first_answer_that_breaks_off_is_a_restart_too(HttpRequestError how)
    {
        using var server = new Script(() => throw new HttpRequestException(how, "broken off"), () => Refusal(ErrorCode.JobNotFound));
        using var client = new DispatchClient(Servers, server);
        await Assert.ThrowsAsync<ApiException>(() => Patience(TimeProvider.System).AskAsync(() => client.GetAsync(Job, CancellationToken.None), CancellationToken.None));
        Assert.Contains("http://one:1 broke off before it answered", Assert.Single(_notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_stated_time_the_job_its_id_and_the_verb_to_go_on_with_are_told()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(4) };
        var patience = Patience(time);
        patience.Answered();
        var asks = 0;
        var asking = patience.AskAsync<int>(
            () =>
            {
                asks++;
                throw new NoServerException("no server answers at http://one:1");
            },
            CancellationToken.None);
        while (!asking.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        var error = await Assert.ThrowsAsync<CliException>(() => asking);
        Assert.Equal(ExitCodes.Usage, error.ExitCode);
        Assert.All((string[])["no server answers", "30 s", "The job goes on", "`dispatch logs -f job-1`"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.True(asks > 2);
        Assert.Single(_notes);
    }

    [Fact]
    public async Task What_is_refused_is_not_asked_again()
    {
        using var server = new Script(() => Refusal(ErrorCode.JobNotFound));
        using var client = new DispatchClient(Servers, server);
        var patience = Patience(TimeProvider.System);
        patience.Answered();
        await Assert.ThrowsAsync<ApiException>(() => patience.AskAsync(() => client.GetAsync(Job, CancellationToken.None), CancellationToken.None));
    }

    [Fact]
    public async Task A_note_about_waiting_that_cannot_be_had_fails_nobody()
    {
        using var server = new Script(() => Refusal(ErrorCode.RegistryUnavailable));
        using var client = new DispatchClient(Servers, server);
        await WaitingNote.TellAsync(client, Job, CancellationToken.None);
        Assert.Equal(0, server.Left);
    }

    private Patience Patience(TimeProvider time) => new(Job, "logs -f", _notes.Add, time);

    private static HttpResponseMessage Events(string text) => new(HttpStatusCode.OK) { Content = new StringContent(text, Encoding.UTF8, "text/event-stream") };

    private static HttpResponseMessage Refusal(ErrorCode code)
    {
        var problem = Problem.Of(code);
        return new((HttpStatusCode)problem.Status) { Content = new StringContent(JsonSerializer.Serialize(problem, DispatchJson.Options), Encoding.UTF8, Problem.MediaType) };
    }

    /// <summary>Answers one after the other; asked once more, it fails the test.</summary>
    private sealed class Script(params Func<HttpResponseMessage>[] answers) : HttpMessageHandler
    {
        private readonly Queue<Func<HttpResponseMessage>> _answers = new(answers);

        public int Left => _answers.Count;

        public List<string?> Cursors { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Cursors.Add(request.Headers.TryGetValues("Last-Event-ID", out var ids) ? ids.Single() : null);
            return Task.FromResult(_answers.Dequeue()());
        }
    }
}
