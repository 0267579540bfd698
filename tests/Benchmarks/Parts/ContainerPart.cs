using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dispatch.Benchmarks.Floors;
using Dispatch.Benchmarks.Loads;
using Dispatch.Benchmarks.Measuring;
using Dispatch.Benchmarks.Reporting;
using Dispatch.Benchmarks.Stack;
using Engines.Fixture;
using Temporalio.Client;

namespace Dispatch.Benchmarks.Parts;

/// <summary>
/// A container through the whole of Dispatch beside bare ones on the same engine. They take turns, and each begins when the one before is removed, so
/// that what else the machine does touches all alike. Then the same through a proxy that says where the time goes.
/// </summary>
internal static class ContainerPart
{
    private const double AddedMsMax = 10;
    private static readonly TimeSpan RemovedWithin = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(BenchmarkOptions options, Results results)
    {
        await using var daemon = await DockerDaemon.StartAsync();
        await MeasureAsync(options, results, daemon);
        await ProfileAsync(options, results, daemon);
    }

    private static async Task MeasureAsync(BenchmarkOptions options, Results results, DockerDaemon daemon)
    {
        await using var stack = await MeasuredStack.OneProcessAsync(options, "normal", "--docker", daemon.Endpoint.OriginalString);
        var client = await stack.ConnectAsync();
        var like = await LikeAJobAsync(client, daemon.Api, stack.Folder);
        await RoundsAsync(client, daemon.Api, daemon.Api, like, options.Count(10, 1), null, null);
        var (bare, same, jobs) = await RoundsAsync(client, daemon.Api, daemon.Api, like, options.Count(60, 1), null, null);
        var job = jobs.Result;

        results.Add(new("container", "bare: create, attach, start and end of /bin/true, p50", bare.P50, "ms"));
        results.Add(new("container", "the same with the settings of a job, p50", same.P50, "ms") { Floor = bare.P50, FloorIs = "bare container" });
        results.Add(new("container", "job: submit → result, p50", job.P50, "ms") { Floor = bare.P50, FloorIs = "bare container" });
        results.Add(new("container", "job: submit → container started, p50", jobs.Started.P50, "ms"));
        results.Add(new("container", "job: more than the bare container of its round, p50", job.Over(bare).P50, "ms") { Aim = AddedMsMax });
        results.Add(new("container", "job: more than the bare one with its settings, p50", job.Over(same).P50, "ms") { Aim = AddedMsMax });
    }

    private static async Task ProfileAsync(BenchmarkOptions options, Results results, DockerDaemon daemon)
    {
        await using var trace = new EngineTrace(daemon.SocketPath);
        using var traced = new EngineApi(trace.SocketPath);
        await using var stack = await MeasuredStack.OneProcessAsync(options, "normal", "--docker", $"unix://{trace.SocketPath}");
        var client = await stack.ConnectAsync();
        var like = await LikeAJobAsync(client, daemon.Api, stack.Folder);
        await RoundsAsync(client, traced, daemon.Api, like, options.Count(10, 1), trace, null);
        var profile = new ContainerProfile();
        await RoundsAsync(client, traced, daemon.Api, like, options.Count(30, 1), trace, profile);
        profile.Report(results);
    }

    private static async Task<(Samples Bare, Samples Same, JobLoad Jobs)> RoundsAsync(
        ITemporalClient client, EngineApi api, EngineApi direct, JsonObject like, int count, EngineTrace? trace, ContainerProfile? profile)
    {
        var (bare, same) = (new Samples(), new Samples());
        var jobs = new JobLoad(client, Spec(BareContainer.Command));
        for (var round = 0; round < count; round++)
        {
            bare.Add(await BareContainer.RunAsync(api, BareContainer.Plain));
            await RemovedAsync(direct);
            trace?.Take();
            same.Add(await BareContainer.RunAsync(api, like));
            await RemovedAsync(direct);
            profile?.AddBare(trace!.Take());
            await jobs.RunAsync(1, 1);
            await RemovedAsync(direct);
            if (profile is not null)
                await profile.AddAsync(client, jobs.Last!, trace!.Take());
        }

        return (bare, same, jobs);
    }

    /// <summary>The request for a container with exactly the settings that a job's has, as the engine shows them.</summary>
    private static async Task<JsonObject> LikeAJobAsync(ITemporalClient client, EngineApi api, string folder)
    {
        var running = new JobLoad(client, Spec("/bin/sleep", "2")).RunAsync(1, 1);
        JsonElement? shown = null;
        while (shown is null && !running.IsCompleted)
        {
            if (await api.ContainerIdsAsync() is [var id])
                shown = await api.InspectContainerAsync(id);
        }

        await running;
        await RemovedAsync(api);
        var mounted = Path.Combine(folder, "mounted");
        Directory.CreateDirectory(mounted);
        return BareContainer.Like(shown ?? throw new BenchmarkException("A job of 2 s ended before its container was seen."), mounted);
    }

    /// <summary>Waits until no container is left.</summary>
    private static async Task RemovedAsync(EngineApi api)
    {
        var began = Stopwatch.GetTimestamp();
        while (await api.ContainerIdsAsync() is { Count: > 0 } left)
        {
            if (Stopwatch.GetElapsedTime(began) > RemovedWithin)
                throw new BenchmarkException($"Containers are still there {RemovedWithin.TotalSeconds:0} s after their jobs have ended: {string.Join(", ", left)}.");
            await Task.Delay(1);
        }
    }

    private static string Spec(params string[] command) => JsonSerializer.Serialize(new { image = TestEngine.Image, command, pullPolicy = "never" });
}
