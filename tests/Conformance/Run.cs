using System.Net;
using Dispatch.Engine;

namespace Dispatch.Conformance;

/// <summary>Plays all scenarios that were asked for and prints what differs.</summary>
internal sealed class Run
{
    private const int LinesPerScenarioMax = 25;
    private const int WarmUpRounds = 10;

    private readonly Arguments arguments;
    private readonly TextWriter output;
    private readonly Lock printing = new();
    private int passed;
    private int failed;
    private int expected;

    public Run(Arguments arguments, TextWriter output)
    {
        this.arguments = arguments;
        this.output = output;
    }

    public async Task<int> PlayAsync()
    {
        var known = arguments.Known is null ? KnownFailures.None : KnownFailures.Read(arguments.Known);
        await using var engine = arguments.Address is null
            ? await EngineHost.StartAsync(new EngineOptions { Address = IPAddress.Loopback, Port = 0 })
            : null;
        var address = arguments.Address ?? engine!.Address;
        var again = new List<(Scenario Scenario, Difference First)>();
        var scenarios = await ReadAsync();
        if (scenarios.Count > 1)
        {
            await WarmUpAsync(address);
        }

        await Parallel.ForEachAsync(
            scenarios,
            new ParallelOptions { MaxDegreeOfParallelism = arguments.Jobs },
            async (scenario, cancellationToken) =>
            {
                var (differences, _) = await PlayOneAsync(scenario, address, null, cancellationToken);
                if (differences.Count > 0 && known.Reason(scenario.Name) is null)
                {
                    lock (again)
                    {
                        again.Add((scenario, differences[0]));
                    }
                }
                else
                {
                    Report(scenario, differences, known);
                }
            });

        // Recordings hold times of the order of half a second, which a busy machine breaks: what differed is played again by itself.
        foreach (var (scenario, first) in again.OrderBy(item => item.Scenario.Name, StringComparer.Ordinal))
        {
            var (differences, _) = await PlayOneAsync(scenario, address, null, CancellationToken.None);
            Report(scenario, differences, known);
            if (differences.Count == 0)
            {
                await output.WriteLineAsync($"UNSTEADY {scenario.Name}: differed, then passed by itself: {first}");
            }
        }

        if (arguments.Cli is { } folder)
        {
            // The story lists all workflows there are: they must be its own.
            await using var fresh = arguments.Address is null
                ? await EngineHost.StartAsync(new EngineOptions { Address = IPAddress.Loopback, Port = 0 })
                : null;
            await PlayStoryAsync(folder, arguments.Address ?? fresh!.Address, known);
        }

        if (expected > 0)
        {
            await output.WriteLineAsync($"{expected} failed as known");
        }

        await output.WriteLineAsync($"{passed} passed, {failed + expected} failed");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>Reads the recordings. One that is none has failed, and the others are played.</summary>
    private async Task<IReadOnlyList<Scenario>> ReadAsync()
    {
        var files = Scenario.Find(arguments.Paths);
        foreach (var path in arguments.Paths.Where(path => Scenario.Find([path]).Count == 0))
        {
            failed++;
            await output.WriteLineAsync($"FAILS    {path}: there is no recording in it");
        }

        var scenarios = new List<Scenario>();
        foreach (var file in files)
        {
            try
            {
                scenarios.Add(Scenario.Read(file));
            }
            catch (RecordingException problem)
            {
                failed++;
                await output.WriteLineAsync($"FAILS    {file}: {problem.Message}");
            }
        }

        var unruled = files.Where(file => Scenario.RulesOf(file) is null).ToArray();
        if (unruled.Length > 0)
        {
            await output.WriteLineAsync(
                $"NO RULES {unruled[0]}{(unruled.Length > 1 ? $" and {unruled.Length - 1} more" : "")}: no {Scenario.RulesFile} is in its folder or above, so everything is compared, also "
                + $"what is another on every server, such as sizes and task ids. Put the {Scenario.RulesFile} of the recordings there.");
        }

        return scenarios;
    }

    /// <summary>
    /// Recordings hold times of the order of half a second: what the first calls of a process take longer (compiling, descriptors, connections)
    /// must not fall into one. So a whole life of a workflow is played before, and nothing of it is compared.
    /// </summary>
    private static async Task WarmUpAsync(string address)
    {
        var calls = new[]
        {
            """{"call":"StartWorkflowExecution","request":{"namespace":"default","workflowId":"warm-${n}","workflowType":{"name":"F"},"taskQueue":{"name":"warm-${n}"},"requestId":"r"},"expect":{"code":"OK"}}""",
            """{"call":"PollWorkflowTaskQueue","request":{"namespace":"default","taskQueue":{"name":"warm-${n}"}},"expect":{"code":"OK","response":{"taskToken":"${token.1}"}}}""",
            """{"call":"RespondWorkflowTaskCompleted","request":{"namespace":"default","taskToken":"${token.1}","commands":[{"commandType":"COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION","completeWorkflowExecutionCommandAttributes":{}}]},"expect":{"code":"OK"}}""",
            """{"call":"GetWorkflowExecutionHistory","request":{"namespace":"default","execution":{"workflowId":"warm-${n}"}},"expect":{"code":"OK"}}""",
            """{"call":"ListWorkflowExecutions","request":{"namespace":"default"},"expect":{"code":"OK"}}""",
        };
        for (var round = 0; round < WarmUpRounds; round++)
        {
            var steps = calls.Select(call => System.Text.Json.Nodes.JsonNode.Parse(call)!.AsObject());
            using var player = new ScenarioPlayer(new Scenario("warm-up", new Policy([], []), [.. steps]), address, null, CancellationToken.None);
            await player.PlayAsync();
        }
    }

    /// <summary>Plays the CLI's commands one after the other: each stands on what the ones before it did.</summary>
    private async Task PlayStoryAsync(string folder, string address, KnownFailures known)
    {
        await using var stage = await StoryWorker.StartAsync(address);
        var bindings = new Bindings("story");
        foreach (var scenario in CliStory.Read(folder))
        {
            (var differences, bindings) = await PlayOneAsync(scenario, address, bindings, CancellationToken.None);
            Report(scenario, differences, known);
        }
    }

    private async Task<(IReadOnlyList<Difference> Differences, Bindings Bindings)> PlayOneAsync(
        Scenario scenario, string address, Bindings? bindings, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(arguments.Limit);
        using var player = new ScenarioPlayer(scenario, address, bindings, limit.Token);
        try
        {
            // The player is not trusted to notice the limit: what hangs is left behind.
            await player.PlayAsync().WaitAsync(limit.Token);
            return (player.Differences, player.Bindings);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return ([.. player.Differences, player.Hang(arguments.Limit)], player.Bindings);
        }
    }

    private void Report(Scenario scenario, IReadOnlyList<Difference> differences, KnownFailures known)
    {
        var reason = known.Reason(scenario.Name);
        lock (printing)
        {
            Print(scenario, differences, reason);
            if (differences.Count == 0)
            {
                passed++;
            }
            else if (reason is null)
            {
                failed++;
            }
            else
            {
                expected++;
            }
        }
    }

    private void Print(Scenario scenario, IReadOnlyList<Difference> differences, string? reason)
    {
        if (differences.Count == 0)
        {
            if (reason is not null)
            {
                output.WriteLine($"PASSES   {scenario.Name}: take it off the list of known failures");
            }
            else if (arguments.Verbose)
            {
                output.WriteLine($"ok       {scenario.Name}");
            }

            return;
        }

        var unserved = string.Join(", ", differences.Where(difference => difference.IsUnserved).Select(difference => difference.Method).Distinct());
        var needs = unserved.Length == 0 ? "" : $" (needs what the server does not serve: {unserved})";
        output.WriteLine(reason is null ? $"FAILS    {scenario.Name}{needs}" : $"KNOWN    {scenario.Name}{needs}: {reason}");
        if (reason is not null && !arguments.Verbose)
        {
            return;
        }

        var shown = arguments.Verbose ? differences.Count : LinesPerScenarioMax;
        foreach (var difference in differences.Take(shown))
        {
            output.WriteLine($"    {scenario.Name} {difference}");
        }

        if (differences.Count > shown)
        {
            output.WriteLine($"    {scenario.Name} ... and {differences.Count - shown} more");
        }
    }
}
