using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Dispatch.Benchmarks.Loads;
using Dispatch.Benchmarks.Measuring;
using Dispatch.Benchmarks.Reporting;
using Dispatch.Benchmarks.Stack;
using Engines.Fixture;

namespace Dispatch.Benchmarks.Parts;

/// <summary>A container through the whole of Dispatch beside a bare one on the same engine: create, start, end. Removing is waited for by neither.</summary>
internal static class ContainerPart
{
    private const double AddedMsMax = 10;
    private const string Spec = """{"image":"bb:local","command":["/bin/true"],"pullPolicy":"never"}""";

    public static async Task RunAsync(BenchmarkOptions options, Results results)
    {
        await using var daemon = await DockerDaemon.StartAsync();
        await using var stack = await MeasuredStack.OneProcessAsync(options, "normal", "--docker", daemon.Endpoint.OriginalString);
        var client = await stack.ConnectAsync();
        var count = options.Count(40, 1);
        await BareAsync(daemon.Api);
        await new JobLoad(client, Spec).RunAsync(options.Count(10, 1), 1);
        var bare = new Samples();
        var jobs = new JobLoad(client, Spec);
        for (var number = 0; number < count; number++)
        {
            // In turns, so that what else the machine does touches both alike.
            bare.Add(await BareAsync(daemon.Api));
            await jobs.RunAsync(1, 1);
        }

        results.Add(new("container", "bare: create, start and end of /bin/true, p50", bare.P50, "ms"));
        results.Add(new("container", "job: submit → result, p50", jobs.Result.P50, "ms") { Floor = bare.P50, FloorIs = "bare container", Aim = bare.P50 + AddedMsMax });
        results.Add(new("container", "job: submit → container started, p50", jobs.Started.P50, "ms"));
    }

    private static async Task<double> BareAsync(EngineApi api)
    {
        var began = Stopwatch.GetTimestamp();
        using var body = JsonContent.Create(new { Image = TestEngine.Image, Cmd = new[] { "/bin/true" }, HostConfig = new { NetworkMode = "none" } });
        var created = await AskAsync(api, HttpMethod.Post, "containers/create", body);
        var id = JsonDocument.Parse(created).RootElement.GetProperty("Id").GetString()!;
        await AskAsync(api, HttpMethod.Post, $"containers/{id}/start");
        var ended = await AskAsync(api, HttpMethod.Post, $"containers/{id}/wait");
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (JsonDocument.Parse(ended).RootElement.GetProperty("StatusCode").GetInt32() != 0)
            throw new BenchmarkException($"The bare container ended with {ended}.");
        await api.RemoveContainerAsync(id);
        return took;
    }

    private static async Task<string> AskAsync(EngineApi api, HttpMethod method, string path, HttpContent? content = null)
    {
        var (status, body) = await api.SendAsync(method, path, content);
        return (int)status < 300 ? body : throw new BenchmarkException($"The engine answers {method} {path} with {status}: {body}");
    }
}
