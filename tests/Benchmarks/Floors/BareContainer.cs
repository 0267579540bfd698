using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engines.Fixture;

namespace Dispatch.Benchmarks.Floors;

/// <summary>A container as somebody runs it by hand, attached: create, attach, start, wait, and the output's end. Removing is not counted.</summary>
internal static class BareContainer
{
    /// <summary>What it runs.</summary>
    public const string Command = "/bin/true";

    /// <summary>A request with nothing but what there must be.</summary>
    public static JsonObject Plain => new()
    {
        ["Image"] = TestEngine.Image,
        ["Entrypoint"] = new JsonArray(Command),
        ["AttachStdout"] = true,
        ["AttachStderr"] = true,
        ["HostConfig"] = new JsonObject { ["NetworkMode"] = "none" },
    };

    /// <summary>The request that makes a container with all settings of one that is there.</summary>
    /// <param name="shown">The engine's account of it.</param>
    /// <param name="mounted">The folder that stands in for the sources of its mounts.</param>
    public static JsonObject Like(JsonElement shown, string mounted)
    {
        var request = JsonNode.Parse(shown.GetProperty("Config").GetRawText())!.AsObject();
        var host = JsonNode.Parse(shown.GetProperty("HostConfig").GetRawText())!.AsObject();
        foreach (var mount in host["Mounts"]!.AsArray())
            mount!["Source"] = mounted;
        request["HostConfig"] = host;
        request["Entrypoint"] = new JsonArray(Command);
        request["Cmd"] = null;
        // The host's name is the id; and what bears the worker's labels, it sweeps.
        request.Remove("Hostname");
        request["Labels"] = new JsonObject(request["Labels"]!.AsObject().Select(label => KeyValuePair.Create<string, JsonNode?>(label.Key, "bare")));
        return request;
    }

    /// <summary>Runs one and removes it.</summary>
    /// <returns>Milliseconds from before the first request to the end.</returns>
    public static async Task<double> RunAsync(EngineApi api, JsonObject request)
    {
        var began = Stopwatch.GetTimestamp();
        using var body = JsonContent.Create(request);
        var id = JsonDocument.Parse(await AskAsync(api, "containers/create", body)).RootElement.GetProperty("Id").GetString()!;
        await using var output = await api.AttachAsync(id);
        await AskAsync(api, $"containers/{id}/start");
        var ended = await AskAsync(api, $"containers/{id}/wait");
        if (await output.ReadAsync(new byte[1]) != 0 || JsonDocument.Parse(ended).RootElement.GetProperty("StatusCode").GetInt32() != 0)
            throw new BenchmarkException($"The bare container ended with {ended}, or had something to say.");
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await api.RemoveContainerAsync(id);
        return took;
    }

    private static async Task<string> AskAsync(EngineApi api, string path, HttpContent? content = null)
    {
        var (status, body) = await api.SendAsync(HttpMethod.Post, path, content);
        return (int)status < 300 ? body : throw new BenchmarkException($"The engine answers POST {path} with {status}: {body}");
    }
}
