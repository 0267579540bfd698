using Dispatch.Workers.Tests.Fakes;

namespace Dispatch.Workers.Tests;

public sealed class WorkerOptionsCheckTests
{
    private static readonly WorkerOptions Good = new()
    {
        Id = new("w1"),
        DataDirectory = "/data",
        Registry = new FakeWorkerRegistry(),
        Logs = new FakeLogIntake(),
        Runtimes = [new FakeRuntime()],
        Guard = new FakeGuard(),
    };

    [Fact]
    public void The_defaults_are_good_and_declare_exactly_one_slot()
    {
        Assert.Empty(WorkerOptionsCheck.Check(Good));
        Assert.Null(Good.Capacity.Slots);
        Assert.True(Good.Capacity.Cpu >= 1);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once_with_the_present_values()
    {
        var errors = WorkerOptionsCheck.Check(Good with
        {
            Id = new("a b"),
            DataDirectory = " ",
            Pool = "",
            TemporalAddress = "nowhere",
            Runtimes = [],
            Capacity = new() { Slots = 0, Cpu = 0, MemoryBytes = -1, Units = new Dictionary<string, decimal> { ["x"] = -2 } },
            Labels = new Dictionary<string, string> { [""] = "v" },
            DrainLimit = TimeSpan.FromDays(31),
            ShutdownLimit = TimeSpan.Zero,
            CaptureBytesMax = 1,
        });
        Assert.Equal(13, errors.Count);
        Assert.Contains(errors, error => error.Contains("'a b'", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("'nowhere'", StringComparison.Ordinal));
    }
}
