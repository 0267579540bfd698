using CsCheck;

namespace Dispatch.Placement.Tests;

public sealed class ModelTests
{
    private static readonly Gen<(Model.Command Command, int Who, int How)[]> Commands =
        Gen.Select(Gen.Frequency((1, Gen.Enum<Model.Command>()), (1, Gen.Int[0, 3].Select(number => (Model.Command)number))), Gen.Int[0, 6], Gen.Int[0, 3]).Array[0, 300];

    [Fact]
    public Task Whatever_jobs_and_workers_do_capacity_order_and_leases_hold() => Commands.SampleAsync(
        async commands =>
        {
            var model = new Model();
            await model.StartAsync();
            foreach (var (command, who, how) in commands)
            {
                await model.DoAsync(command, who, how);
                await model.CheckAsync();
            }

            await model.EndAsync();
        },
        threads: 1);
}
