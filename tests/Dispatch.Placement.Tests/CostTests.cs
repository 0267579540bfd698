using System.Collections.Concurrent;
using System.Reflection;
using Dispatch.Contracts.Placing;
using Dispatch.Registry;

namespace Dispatch.Placement.Tests;

/// <summary>How many statements a placement takes of its registry: a count, which a long queue does not raise.</summary>
public sealed class CostTests
{
    private readonly ConcurrentDictionary<string, int> calls = new(StringComparer.Ordinal);
    private readonly World world;

    public CostTests() => world = new World(seenBy: registry => Counting.Of(registry, calls));

    [Fact]
    public async Task A_newcomer_to_an_empty_queue_is_placed_by_its_ask_alone()
    {
        await world.StartAsync("w1");
        Assert.Equal(PlaceAnswerKind.Offered, (await world.PlaceAsync("j")).Kind);
        Assert.Equal(["AskAsync 1", "CandidatesAsync 1"], Told());
    }

    [Fact]
    public async Task So_is_each_of_many_that_come_one_after_the_other()
    {
        await world.StartAsync("w1", cpu: 64, slots: 64);
        for (var number = 0; number < 64; number++) Assert.Equal(PlaceAnswerKind.Offered, (await world.PlaceAsync($"j{number}")).Kind);
        Assert.Equal(["AskAsync 64", "CandidatesAsync 64"], Told());
    }

    [Fact]
    public async Task What_a_newcomer_costs_does_not_grow_with_those_who_wait()
    {
        await world.StartAsync("w1", cpu: 4, slots: 100);
        var few = await NewcomerAsync("first", waiting: 2);
        var many = await NewcomerAsync("second", waiting: 200);
        Assert.Equal(few, many);
    }

    [Fact]
    public async Task Many_at_once_do_not_crowd_one_of_two_workers()
    {
        var asked = new TaskCompletionSource();
        var crowd = new World(seenBy: registry => Counting.Of(registry, calls, before: name => name == "AskAsync" ? asked.Task : Task.CompletedTask));
        await crowd.StartAsync("w1", cpu: 8, slots: 8);
        await crowd.StartAsync("w2", cpu: 8, slots: 8);
        var placing = Enumerable.Range(0, 16).Select(number => crowd.PlaceAsync($"j{number}")).ToArray();
        asked.SetResult();
        var answers = await Task.WhenAll(placing);
        Assert.All(answers, answer => Assert.Equal(PlaceAnswerKind.Offered, answer.Kind));
        Assert.Equal([8, 8], answers.GroupBy(answer => answer.Worker).Select(group => group.Count()));
        Assert.False(calls.ContainsKey("OfferAsync"));
    }

    private async Task<IReadOnlyList<string>> NewcomerAsync(string job, int waiting)
    {
        for (var number = 0; number < waiting; number++) await world.PlaceAsync($"{job}-waits-{number}", cpu: "5");
        calls.Clear();
        var placed = await world.PlaceAsync(job);
        Assert.Equal(PlaceAnswerKind.Offered, placed.Kind);
        return Told();
    }

    private List<string> Told() => [.. calls.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}")];
}

/// <summary>A registry whose calls are counted.</summary>
public class Counting : DispatchProxy
{
    private IRegistry registry = null!;
    private ConcurrentDictionary<string, int> calls = null!;
    private Func<string, Task> before = null!;

    public static IRegistry Of(IRegistry registry, ConcurrentDictionary<string, int> calls, Func<string, Task>? before = null)
    {
        var proxy = Create<IRegistry, Counting>();
        var counting = (Counting)(object)proxy;
        counting.registry = registry;
        counting.calls = calls;
        counting.before = before ?? (static _ => Task.CompletedTask);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        calls.AddOrUpdate(targetMethod!.Name, 1, (_, count) => count + 1);
        if (targetMethod.Name == nameof(IRegistry.AskAsync)) return AskAsync((Dispatch.Registry.Leases.AskStatement)args![0]!);
        return targetMethod.Invoke(registry, args);
    }

    private async Task<Dispatch.Registry.Leases.AskOutcome> AskAsync(Dispatch.Registry.Leases.AskStatement statement)
    {
        await before(nameof(IRegistry.AskAsync));
        return await registry.AskAsync(statement, CancellationToken.None);
    }
}
