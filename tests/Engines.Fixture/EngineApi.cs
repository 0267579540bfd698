using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Engines.Fixture;

/// <summary>Plain requests to a Docker engine's socket, independent of the runtime under test.</summary>
public sealed class EngineApi : IDisposable
{
    private readonly HttpClient _client;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="socketPath">Path of the socket.</param>
    public EngineApi(string socketPath) => _client = new HttpClient(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    { BaseAddress = new Uri("http://docker/") };

    /// <summary>Whether the engine answers.</summary>
    /// <returns>True or false, never an error.</returns>
    public async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await _client.GetAsync(new Uri("_ping", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Sends a request.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="path">Path and query below the root.</param>
    /// <param name="content">Its body, or null.</param>
    /// <returns>Status and body.</returns>
    public async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        using var answer = await _client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Attaches to the output of a container.</summary>
    /// <param name="containerId">Id or name.</param>
    /// <returns>The output, in the engine's frames, until the container closes it.</returns>
    public async Task<Stream> AttachAsync(string containerId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"containers/{containerId}/attach?stream=1&stdout=1&stderr=1", UriKind.Relative));
        var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
    }

    /// <summary>Looks at a container.</summary>
    /// <param name="containerId">Id or name.</param>
    /// <returns>The engine's JSON, or null where there is none.</returns>
    public async Task<JsonElement?> InspectContainerAsync(string containerId)
    {
        using var answer = await _client.GetAsync(new Uri($"containers/{containerId}/json", UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>All containers in any state.</summary>
    /// <returns>Their ids.</returns>
    public async Task<IReadOnlyList<string>> ContainerIdsAsync()
    {
        var listed = await _client.GetFromJsonAsync<JsonElement>(new Uri("containers/json?all=1", UriKind.Relative));
        return [.. listed.EnumerateArray().Select(container => container.GetProperty("Id").GetString()!)];
    }

    /// <summary>Removes a container as somebody else would, with force.</summary>
    /// <param name="containerId">Id or name.</param>
    /// <returns>A task that ends when it was asked for.</returns>
    public async Task RemoveContainerAsync(string containerId) => await SendAsync(HttpMethod.Delete, $"containers/{containerId}?force=1&v=1");

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
