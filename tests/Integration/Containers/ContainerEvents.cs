using System.Text.Json;
using Engines.Fixture;

namespace Dispatch.Integration.Tests.Containers;

/// <summary>What the engine itself recorded of containers.</summary>
internal static class ContainerEvents
{
    /// <summary>The events of a job's containers so far, oldest first: what happened, to which container, when (nanoseconds).</summary>
    public static async Task<IReadOnlyList<(string Action, string Container, long Time)>> OfJobAsync(EngineApi api, string job)
    {
        var filters = Uri.EscapeDataString(JsonSerializer.Serialize(new { type = (string[])["container"], label = (string[])[$"dispatch.job={job}"] }));
        var (_, body) = await api.SendAsync(HttpMethod.Get, $"events?since=0&until={DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1}&filters={filters}");
        return
        [
            .. body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))
                .Select(one => (one.GetProperty("Action").GetString()!, one.GetProperty("Actor").GetProperty("ID").GetString()!, one.GetProperty("timeNano").GetInt64())),
        ];
    }

    /// <summary>The one container of a job that has not ended.</summary>
    public static async Task<string> ContainerOfAsync(EngineApi api, string job) =>
        Assert.Single((await OfJobAsync(api, job)).Where(one => one.Action == "start").Select(one => one.Container).Distinct());
}
