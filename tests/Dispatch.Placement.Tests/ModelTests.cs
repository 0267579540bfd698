using CsCheck;

namespace Dispatch.Placement.Tests;

public sealed class ModelTests
{
    private static readonly Gen<(Model.Command Command, int Who, int How)[]> Commands =
        Gen.Select(Gen.Enum<Model.Command>(), Gen.Int[0, 11], Gen.Int[0, 3]).Array[0, 150];

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
        iter: 250,
        threads: 1);
}
