using CsCheck;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Memory;
using Dispatch.Registry.Pools;
using Registry.Suite;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>Clients that speak one after the other and at once: the database answers as memory does, and has the same rows after each step.</summary>
[Collection(OnServer.Name)]
public sealed class ModelTests(OneServer one)
{
    private static readonly ModelCommand[] Usual = [ModelCommand.Ask, ModelCommand.AskAtOnce, ModelCommand.Offer, ModelCommand.Offer, ModelCommand.Confirm, ModelCommand.Return, ModelCommand.AskAdopted];

    private static readonly Gen<ModelStep> Step =
        Gen.Select(Gen.Frequency((2, Gen.Enum<ModelCommand>()), (3, Gen.Int[0, Usual.Length - 1].Select(index => Usual[index]))), Gen.Int[0, 3], Gen.Int[0, 1], Gen.Int[0, 3])
            .Select((command, job, worker, how) => new ModelStep(command, job, worker, how));

    private static readonly ModelStep[] Start =
    [
        new(ModelCommand.Register, 0, 0, 0), new(ModelCommand.Register, 0, 1, 0), new(ModelCommand.Ask, 0, 0, 1), new(ModelCommand.Ask, 1, 0, 1), new(ModelCommand.Ask, 2, 0, 1),
    ];

    [Fact]
    public Task One_after_the_other_the_answers_and_the_rows_are_those_of_memory() => Step.Array[1, 60].SampleAsync(
        async steps =>
        {
            await using var postgres = new OnPostgres(one);
            var memory = await ModelWorld.OpenAsync(new Memory());
            var database = await ModelWorld.OpenAsync(postgres);
            foreach (var step in Start.Concat(steps))
            {
                var expected = await memory.DumpAsync(await memory.SayAsync([step], together: false));
                var actual = await database.DumpAsync(await database.SayAsync([step], together: false));
                Assert.Equal(expected, actual);
            }
        },
        iter: 25,
        threads: 1);

    [Fact]
    public Task At_once_the_answers_and_the_rows_are_those_of_some_order_in_memory() => Step.Array[2, 3].Array[1, 15].SampleAsync(
        async groups =>
        {
            await using var postgres = new OnPostgres(one);
            var database = await ModelWorld.OpenAsync(postgres);
            var history = new List<ModelStep[]>();
            foreach (var group in Start.Select(step => new[] { step }).Concat(groups))
            {
                var answers = await database.SayAsync(group, together: true);
                history.Add(await OrderOfAsync(history, group, await database.DumpAsync(answers)));
            }
        },
        iter: 25,
        threads: 1);

    /// <summary>The order of a group that explains what was answered and what is there now.</summary>
    private static async Task<ModelStep[]> OrderOfAsync(List<ModelStep[]> history, ModelStep[] group, string actual)
    {
        var tried = new List<string>();
        foreach (var order in Orders(group.Length))
        {
            var memory = await ModelWorld.OpenAsync(new Memory());
            foreach (var before in history) await memory.DumpAsync(await memory.SayAsync(before, together: false));
            ModelStep[] ordered = [.. order.Select(index => group[index])];
            var inOrder = await memory.SayAsync(ordered, together: false);
            var said = await memory.DumpAsync([.. Enumerable.Range(0, group.Length).Select(index => inOrder[Array.IndexOf(order, index)])]);
            if (said == actual) return ordered;
            tried.Add(said);
        }

        Assert.Fail($"No order of {string.Join(" | ", group.Select(step => step.ToString()))} after {history.Count} steps explains\n{actual}\n\nin the order given it would be\n{tried[0]}");
        return group;
    }

    private static IEnumerable<int[]> Orders(int count) => count switch
    {
        1 => [[0]],
        2 => [[0, 1], [1, 0]],
        _ => [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]],
    };

    private sealed class Memory : IRegistryMaker
    {
        public Task<IRegistry> OpenAsync(PoolSet pools, RegistryOptions options, TimeProvider time, Func<LeaseId> newLease) =>
            Task.FromResult<IRegistry>(new InMemoryRegistry(pools, options, time, newLease));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
