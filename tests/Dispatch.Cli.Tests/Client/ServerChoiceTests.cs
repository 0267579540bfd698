using System.Net;
using System.Net.Sockets;
using Dispatch.Cli.Client;

namespace Dispatch.Cli.Tests.Client;

public sealed class ServerChoiceTests
{
    private static readonly Uri[] Servers = [new("http://one:1"), new("http://two:2")];

    [Fact]
    public async Task A_server_that_cannot_be_connected_to_is_passed_over_and_the_other_kept()
    {
        using var network = new Network { Away = { "one" } };
        using var http = new HttpClient(new ServerChoice(Servers, network)) { BaseAddress = Servers[0] };
        Assert.Equal("two /a%2Fb?c=d", await http.GetStringAsync("/a%2Fb?c=d"));
        network.Away.Clear();
        Assert.Equal("two /e", await http.GetStringAsync("/e"));
        Assert.Equal(["one", "two", "two"], network.Asked);
    }

    [Fact]
    public async Task A_server_that_goes_while_it_is_connected_to_is_passed_over_too()
    {
        using var network = new Network { Goes = { "one" } };
        using var http = new HttpClient(new ServerChoice(Servers, network)) { BaseAddress = Servers[0] };
        Assert.Equal("two /a", await http.GetStringAsync("/a"));
        network.Goes.Add("two");
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync("/a"));
        Assert.Equal(HttpRequestError.ConnectionError, error.HttpRequestError);
    }

    [Fact]
    public async Task Where_none_answers_that_is_told()
    {
        using var network = new Network { Away = { "one", "two" } };
        using var http = new HttpClient(new ServerChoice(Servers, network)) { BaseAddress = Servers[0] };
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync("/a"));
        Assert.Equal(HttpRequestError.ConnectionError, error.HttpRequestError);
        Assert.Equal(["one", "two"], network.Asked);
    }

    [Fact]
    public async Task A_request_that_may_have_arrived_is_not_sent_twice_but_the_next_goes_to_the_other()
    {
        using var network = new Network { BreaksOff = { "one" } };
        using var http = new HttpClient(new ServerChoice(Servers, network)) { BaseAddress = Servers[0] };
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync("/a"));
        Assert.Equal("two /a", await http.GetStringAsync("/a"));
        Assert.Equal(["one", "two"], network.Asked);
    }

    /// <summary>Answers with the host that was asked, and what for.</summary>
    private sealed class Network : HttpMessageHandler
    {
        public HashSet<string> Away { get; } = [];

        public HashSet<string> BreaksOff { get; } = [];

        public HashSet<string> Goes { get; } = [];

        public List<string> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!.Host);
            if (Away.Contains(request.RequestUri.Host))
                throw new HttpRequestException(HttpRequestError.ConnectionError, "nobody listens");
            if (Goes.Contains(request.RequestUri.Host))
                throw new SocketException((int)SocketError.NotConnected);
            if (BreaksOff.Contains(request.RequestUri.Host))
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "broken off");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent($"{request.RequestUri.Host} {request.RequestUri.PathAndQuery}") });
        }
    }
}
