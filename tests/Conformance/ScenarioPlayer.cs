using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Dispatch.Conformance;

/// <summary>Plays one scenario, step by step.</summary>
internal sealed class ScenarioPlayer : IDisposable
{
    private const string Unserved = "UNIMPLEMENTED";
    private const string NotServed = "the server does not serve this method";

    private const string NonceLetters = "bcdfghjklmnpqrstvwxz";

    /// <summary>Lets a call that was begun arrive before the next step.</summary>
    private static readonly TimeSpan BeginPause = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan RepeatPause = TimeSpan.FromMilliseconds(400);

    private readonly Scenario scenario;
    private readonly string address;
    private readonly CancellationToken cancellationToken;
    private readonly RpcClient client;
    private readonly Comparer comparer;
    private readonly Dictionary<string, OpenCall> open = [];
    private readonly List<Difference> differences = [];
    private Bindings bindings;
    private int current;

    /// <param name="scenario">What to play.</param>
    /// <param name="address">Where the server listens.</param>
    /// <param name="bindings">Values of symbols that earlier scenarios of the same story left; null: a scenario by itself.</param>
    /// <param name="cancellationToken">Ends the play.</param>
    public ScenarioPlayer(Scenario scenario, string address, Bindings? bindings, CancellationToken cancellationToken)
    {
        this.bindings = bindings ?? new Bindings("q" + new string(Random.Shared.GetItems<char>(NonceLetters, 9)));
        this.scenario = scenario;
        this.address = address;
        this.cancellationToken = cancellationToken;
        client = new RpcClient(address);
        comparer = new Comparer(scenario.Policy);
    }

    /// <summary>The values of symbols so far.</summary>
    public Bindings Bindings => bindings;

    public IReadOnlyList<Difference> Differences
    {
        get
        {
            lock (differences)
            {
                return [.. differences];
            }
        }
    }

    public Difference Hang(TimeSpan limit) =>
        new(current, Label(scenario.Steps[current]), "", $"still not done after {limit.TotalSeconds:0} s");

    public async Task PlayAsync()
    {
        for (current = 0; current < scenario.Steps.Count; current++)
        {
            var step = scenario.Steps[current];
            try
            {
                Add(step, await PlayStepAsync(step).ConfigureAwait(false));
            }
            catch (UnboundSymbolException missing)
            {
                Add(step, [("request", $"{missing.Message}; stopped")]);
                return;
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                Add(step, [("", $"{failure.GetType().Name}: {failure.Message}; stopped")]);
                return;
            }
        }
    }

    public void Dispose()
    {
        foreach (var call in open.Values)
        {
            call.Dispose();
        }

        client.Dispose();
    }

    private async Task<IReadOnlyList<(string Path, string Text)>> PlayStepAsync(JsonObject step)
    {
        if (step["sleep"] is { } pause)
        {
            await Task.Delay(TimeSpan.FromSeconds((double)pause), cancellationToken).ConfigureAwait(false);
        }
        else if (step["cancel"] is { } cancelled)
        {
            await open[(string)cancelled!].Cancellation.CancelAsync().ConfigureAwait(false);
        }
        else if (step["begin"] is { } begun)
        {
            open.Add((string)begun!, Begin(step));
            await Task.Delay(BeginPause, cancellationToken).ConfigureAwait(false);
        }
        else if (step["end"] is { } ended)
        {
            open.Remove((string)ended!, out var call);
            using (call)
            {
                return Compare(step, await call!.Outcome.ConfigureAwait(false), bindings);
            }
        }
        else if (step["raw"] is not null)
        {
            var seen = await RawExchange.SendAsync(address, bindings.Filled(step)!.AsObject(), cancellationToken).ConfigureAwait(false);
            return comparer.Compare(step["expect"], seen, bindings, "raw");
        }
        else if (step["call"] is not null)
        {
            return await CallAsync(step).ConfigureAwait(false);
        }
        else if (!step.ContainsKey("comment"))
        {
            throw new InvalidDataException($"{Comparer.Show(step)} is no step that this runner knows");
        }

        return [];
    }

    private async Task<IReadOnlyList<(string Path, string Text)>> CallAsync(JsonObject step)
    {
        var watch = Stopwatch.StartNew();
        var patience = TimeSpan.FromSeconds((double?)step["eventually"] ?? 0);
        while (true)
        {
            var outcome = step["readToEnd"] is null ? await OneAsync(step).ConfigureAwait(false) : await ToEndAsync(step).ConfigureAwait(false);
            var trial = bindings.Copy();
            var found = Compare(step, outcome, trial);
            if (found.Count == 0 || watch.Elapsed >= patience)
            {
                bindings = trial;
                return found;
            }

            await Task.Delay(RepeatPause, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Outcome> OneAsync(JsonObject step)
    {
        using var call = Begin(step);
        return await call.Outcome.ConfigureAwait(false);
    }

    /// <summary>Reads a history page by page until there is no more; the pages' cuts are a matter of chance.</summary>
    private async Task<Outcome> ToEndAsync(JsonObject step)
    {
        var page = step.DeepClone().AsObject();
        var events = new JsonArray();
        while (true)
        {
            var outcome = await OneAsync(page).ConfigureAwait(false);
            foreach (var item in outcome.Response?["history"]?["events"]?.AsArray() ?? [])
            {
                events.Add(item!.DeepClone());
            }

            if (outcome.Response?["nextPageToken"] is not { } token)
            {
                return outcome.Response is null
                    ? outcome
                    : outcome with { Response = new JsonObject { ["history"] = new JsonObject { ["events"] = events } } };
            }

            page["request"]!["nextPageToken"] = token.DeepClone();
        }
    }

    private OpenCall Begin(JsonObject step) => client.Begin(step, bindings.Filled(step["request"]), cancellationToken);

    private List<(string Path, string Text)> Compare(JsonObject step, Outcome outcome, Bindings trial)
    {
        var expect = step["expect"]!.AsObject();
        var code = (string)expect["code"]!;
        if (outcome.Code != code)
        {
            var got = outcome.Message.Length > 0 ? outcome.Message : Comparer.Show(outcome.Response);
            if (outcome.Code == Unserved)
            {
                return [("code", $"{NotServed}: expected {code}, got {Unserved}: {got}")];
            }

            return [("code", $"expected {code}, got {outcome.Code}: {got}")];
        }

        var found = new List<(string Path, string Text)>();
        if (expect["message"] is JsonObject message && !SameWording(message, outcome.Message, trial))
        {
            found.Add(("message", $"expected \"{trial.Shown((string)message["text"]!)}\" ({message["match"]}), got \"{outcome.Message}\""));
        }

        found.AddRange(ComparePart("details", expect["details"] ?? new JsonArray(), outcome.Details, trial));
        if (expect["response"] is { } response)
        {
            found.AddRange(ComparePart("response", response, outcome.Response, trial));
        }

        if (expect["elapsed"] is { } elapsed
            && (outcome.Elapsed.TotalSeconds < (double)elapsed["min"]! || outcome.Elapsed.TotalSeconds > (double)elapsed["max"]!))
        {
            found.Add(("elapsed", $"expected {elapsed["min"]} to {elapsed["max"]} s, got {outcome.Elapsed.TotalSeconds:0.00} s"));
        }

        found.AddRange((step["times"]?.AsArray() ?? []).Select(claim => TimeClaim.Check(claim!.AsObject(), trial)).OfType<(string, string)>());
        return found;
    }

    private IReadOnlyList<(string Path, string Text)> ComparePart(string part, JsonNode? template, JsonNode? actual, Bindings trial) =>
        comparer.Compare(scenario.Policy.Pruned(template, part), scenario.Policy.Pruned(actual, part), trial, part);

    private static bool SameWording(JsonObject message, string actual, Bindings trial)
    {
        var text = (string)message["text"]!;
        return (string)message["match"]! switch
        {
            "informative" => true,
            "prefix" => actual.StartsWith(text, StringComparison.Ordinal),
            "contains" => actual.Contains(trial.Filled(text), StringComparison.Ordinal),
            _ => trial.Matches(text, actual),
        };
    }

    private void Add(JsonObject step, IEnumerable<(string Path, string Text)> found)
    {
        lock (differences)
        {
            differences.AddRange(found.Select(item => new Difference(current, Label(step), item.Path, item.Text)
            {
                IsUnserved = item.Text.StartsWith(NotServed, StringComparison.Ordinal),
            }));
        }
    }

    private static string Label(JsonObject step) =>
        (step["call"] ?? step["end"] ?? step["cancel"] ?? step["raw"]?["path"])?.ToString() ?? "wait";
}
