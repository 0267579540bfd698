using System.Net;
using System.Text;
using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Logs;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Logs;
using Dispatch.Workers.Registry;
using Dispatch.Workers.Tests.Fakes;

namespace Dispatch.Workers.Tests.Registry;

public sealed class HttpWorkerRegistryTests
{
    [Fact]
    public async Task Messages_are_posted_as_JSON_with_the_worker_token()
    {
        using var server = new Answers(HttpStatusCode.OK, new ConfirmAnswer { Accepted = true, SpecJson = "{}", Attempt = 2 });
        var answer = await server.Registry.ConfirmAsync(new() { Worker = new("w1"), Incarnation = 3, Call = 4, Lease = new("l") }, CancellationToken.None);
        Assert.Equal((true, "{}", 2), (answer.Accepted, answer.SpecJson, answer.Attempt));
        Assert.Equal((ApiPaths.WorkerConfirm, "Bearer token-1", """{"worker":"w1","incarnation":3,"call":4,"lease":"l"}"""), (server.Path, server.Authorization, server.Body));
    }

    [Fact]
    public async Task Log_pieces_are_shipped_by_offset()
    {
        var positions = new LogPositions(new(0, 7), default, false);
        using var server = new Answers(HttpStatusCode.OK, new LogAppended(positions, Gap: false));
        var answer = await server.Intake.AppendAsync(WorkerBench.Key, [new(OutputStream.Stdout, 4, default, Encoding.ASCII.GetBytes("abc"))], CancellationToken.None);
        Assert.Equal(7, answer.Positions.Stdout.Length);
        Assert.Equal(ApiPaths.WorkerLogs, server.Path);
        var shipment = JsonSerializer.Deserialize<LogShipment>(server.Body!, DispatchJson.Options)!;
        Assert.Equal((4L, "abc"), (shipment.Pieces[0].Offset, Encoding.ASCII.GetString(shipment.Pieces[0].Bytes.Span)));
        await server.Intake.CompleteAsync(WorkerBench.Key, CancellationToken.None);
        Assert.True(JsonSerializer.Deserialize<LogShipment>(server.Body!, DispatchJson.Options)!.Complete);
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.BadGateway)]
    public async Task A_server_that_refuses_is_a_registry_that_is_unavailable(HttpStatusCode status)
    {
        using var server = new Answers(status, new { title = "no" });
        var error = await Assert.ThrowsAsync<DispatchException>(() => Renew(server.Registry));
        Assert.Equal(ErrorCode.RegistryUnavailable, error.Code);
        Assert.Contains(((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_problem_of_the_server_is_told_whole_and_in_words()
    {
        var detail = $"The registry's database at db:5432 does not answer{new string('.', 300)}!";
        using var server = new Answers(HttpStatusCode.ServiceUnavailable, Problem.Of(ErrorCode.RegistryUnavailable, detail) with { Instance = ApiPaths.WorkerRenew });
        var error = await Assert.ThrowsAsync<DispatchException>(() => Renew(server.Registry));
        Assert.Equal($"The server at http://server ({ApiPaths.WorkerRenew}) answered 503: {detail}", error.Message);
    }

    [Fact]
    public async Task Whatever_else_answers_is_told_by_its_status()
    {
        using var server = new Answers(HttpStatusCode.BadGateway, new { html = "<body>" });
        var error = await Assert.ThrowsAsync<DispatchException>(() => Renew(server.Registry));
        Assert.Equal($"The server at http://server ({ApiPaths.WorkerRenew}) answered 502 (Bad Gateway).", error.Message);
    }

    [Fact]
    public async Task Of_several_servers_the_one_that_was_asked_is_named()
    {
        using var http = new HttpClient(new Elsewhere());
        var registry = new HttpWorkerRegistry(http, new Uri("http://one:1"), () => null);
        var error = await Assert.ThrowsAsync<DispatchException>(() => Renew(registry));
        Assert.Equal($"The server at http://two:2 ({ApiPaths.WorkerRenew}) cannot be reached: nobody listens", error.Message);
    }

    [Fact]
    public async Task A_token_that_is_not_taken_is_told_as_that_and_not_shown()
    {
        using var server = new Answers(HttpStatusCode.Unauthorized, new { title = "no" });
        var error = await Assert.ThrowsAsync<WorkerTokenRefused>(() => Renew(server.Registry));
        Assert.Equal(ErrorCode.RegistryUnavailable, error.Code);
        Assert.Contains("does not take the worker token", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("token-1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_registry_that_is_unavailable()
    {
        using var http = new HttpClient();
        var registry = new HttpWorkerRegistry(http, new Uri("http://127.0.0.1:1"), () => null);
        Assert.Equal(ErrorCode.RegistryUnavailable, (await Assert.ThrowsAsync<DispatchException>(() => Renew(registry))).Code);
    }

    private static Task<RenewalAnswer> Renew(HttpWorkerRegistry registry) =>
        registry.RenewAsync(new() { Worker = new("w1"), Incarnation = 1, Call = 1, Has = [] }, CancellationToken.None);

    /// <summary>Asks another server than the one that was meant.</summary>
    private sealed class Elsewhere : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(new Uri("http://two:2"), request.RequestUri!.PathAndQuery);
            throw new HttpRequestException(HttpRequestError.ConnectionError, "nobody listens");
        }
    }

    private sealed class Answers : HttpMessageHandler
    {
        private readonly HttpStatusCode status;
        private readonly string answer;

        internal Answers(HttpStatusCode status, object answer)
        {
            this.status = status;
            this.answer = JsonSerializer.Serialize(answer, DispatchJson.Options);
            var http = new HttpClient(this, disposeHandler: false);
            Registry = new(http, new Uri("http://server"), () => "token-1");
            Intake = new(http, new Uri("http://server"), () => "token-1");
        }

        internal HttpWorkerRegistry Registry { get; }

        internal HttpLogIntake Intake { get; }

        internal string? Path { get; private set; }

        internal string? Authorization { get; private set; }

        internal string? Body { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Path = request.RequestUri!.AbsolutePath;
            Authorization = request.Headers.Authorization?.ToString();
            Body = await request.Content!.ReadAsStringAsync(cancellationToken);
            return new(status) { Content = new StringContent(answer, Encoding.UTF8, "application/json") };
        }
    }
}
