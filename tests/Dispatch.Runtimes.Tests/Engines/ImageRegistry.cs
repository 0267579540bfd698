using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dispatch.Runtimes.Tests.Engines;

/// <summary>A registry of images on a free port of the loopback, as far as a pull needs one; the engine takes plain HTTP from there.</summary>
internal sealed class ImageRegistry : IAsyncDisposable
{
    private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";
    private const string ListType = "application/vnd.docker.distribution.manifest.list.v2+json";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, (string Type, byte[] Body)> _manifests = new();
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new();

    private ImageRegistry(WebApplication app) => _app = app;

    /// <summary>All requests, method and path, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Answers before anything else; null goes on.</summary>
    public Func<HttpContext, Task<bool>>? Intercept { get; set; }

    /// <summary>Awaited before the second half of each layer is sent.</summary>
    public Func<CancellationToken, Task>? HalfWay { get; set; }

    /// <summary>How many layers are being sent.</summary>
    public int LayersBegun { get; private set; }

    public string Host => new Uri(_app.Urls.Single()).Authority;

    public static async Task<ImageRegistry> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var registry = new ImageRegistry(builder.Build());
        registry._app.Run(registry.AnswerAsync);
        await registry._app.StartAsync();
        return registry;
    }

    /// <summary>Adds an image of one layer. Returns its manifest's digest.</summary>
    public string Add(string name, string tag, byte[] layerTar, string environment = "", string architecture = "amd64")
    {
        var layer = Compress(layerTar);
        _blobs[Digest(layer)] = layer;
        var config = JsonSerializer.SerializeToUtf8Bytes(new
        {
            architecture,
            os = "linux",
            config = new { Env = new[] { "PATH=/bin", environment }.Where(entry => entry.Length > 0) },
            rootfs = new { type = "layers", diff_ids = new[] { Digest(layerTar) } },
        });
        _blobs[Digest(config)] = config;
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = ManifestType,
            config = new { mediaType = "application/vnd.docker.container.image.v1+json", size = config.Length, digest = Digest(config) },
            layers = new[] { new { mediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip", size = layer.Length, digest = Digest(layer) } },
        });
        return Put(name, tag, ManifestType, manifest);
    }

    /// <summary>Adds a list that has a manifest for one foreign platform only.</summary>
    public void AddForeign(string name, string tag, string manifestDigest) => Put(name, tag, ListType, JsonSerializer.SerializeToUtf8Bytes(new
    {
        schemaVersion = 2,
        mediaType = ListType,
        manifests = new[] { new { mediaType = ManifestType, size = 1, digest = manifestDigest, platform = new { architecture = "s390x", os = "linux" } } },
    }));

    /// <summary>Puts other bytes in the place of all layers, of the same length.</summary>
    public void Corrupt()
    {
        foreach (var (digest, blob) in _blobs.ToArray())
        {
            if (blob[0] != '{')
                _blobs[digest] = new byte[blob.Length];
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private string Put(string name, string tag, string type, byte[] body)
    {
        _manifests[$"/v2/{name}/manifests/{tag}"] = (type, body);
        _manifests[$"/v2/{name}/manifests/{Digest(body)}"] = (type, body);
        return Digest(body);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Requests.Enqueue($"{context.Request.Method} {path}");
        if (Intercept is { } intercept && await intercept(context))
            return;
        if (path == "/v2/")
            return;
        if (_manifests.TryGetValue(path, out var manifest))
        {
            context.Response.ContentType = manifest.Type;
            context.Response.Headers["Docker-Content-Digest"] = Digest(manifest.Body);
            context.Response.ContentLength = manifest.Body.Length;
            if (!HttpMethods.IsHead(context.Request.Method))
                await context.Response.Body.WriteAsync(manifest.Body);
            return;
        }

        if (path.Contains("/blobs/", StringComparison.Ordinal) && _blobs.TryGetValue(path[(path.LastIndexOf('/') + 1)..], out var blob))
        {
            await SendAsync(context, blob);
            return;
        }

        context.Response.StatusCode = 404;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync("""{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}""");
    }

    private async Task SendAsync(HttpContext context, byte[] blob)
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = blob.Length;
        var isLayer = blob[0] != '{';
        if (isLayer)
            LayersBegun++;
        await context.Response.Body.WriteAsync(blob.AsMemory(0, blob.Length / 2));
        await context.Response.Body.FlushAsync();
        if (isLayer && HalfWay is { } halfWay)
            await halfWay(context.RequestAborted);
        await context.Response.Body.WriteAsync(blob.AsMemory(blob.Length / 2), context.RequestAborted);
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private static string Digest(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
}
