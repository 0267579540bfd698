using System.Diagnostics;
using System.Globalization;
using Dispatch.Benchmarks.Measuring;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Logs;
using Temporalio.Client;

namespace Dispatch.Benchmarks.Loads;

/// <summary>Jobs that print the time at which they run: what a report says of a start is held against the process's own word.</summary>
internal static class FirstWord
{
    private static readonly TimeSpan OutputWithin = TimeSpan.FromSeconds(10);

    /// <summary>Runs them one after the other.</summary>
    /// <returns>From submit to what the process printed, p50, milliseconds.</returns>
    public static async Task<double> MeasureAsync(ITemporalClient client, Uri server, string specJson, int count)
    {
        using var http = new HttpClient { BaseAddress = server };
        var words = new Samples();
        for (var number = 0; number < count; number++)
        {
            var load = new JobLoad(client, specJson);
            var submittedAt = DateTimeOffset.UtcNow;
            await load.RunAsync(1, 1);
            words.Add((await PrintedAsync(http, load.Jobs[0]) - submittedAt).TotalMilliseconds);
        }

        return words.P50;
    }

    private static async Task<DateTimeOffset> PrintedAsync(HttpClient http, string job)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            // Output is shipped beside the result and may come a moment later.
            var output = (await http.GetStringAsync(ApiPaths.RawLog(new(job), OutputStream.Stdout))).Trim();
            if (long.TryParse(output, NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds))
                return DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
            if (Stopwatch.GetElapsedTime(began) > OutputWithin)
                throw new BenchmarkException($"The output of job {job} is '{output}'; it must be a time.");
            await Task.Delay(10);
        }
    }
}
