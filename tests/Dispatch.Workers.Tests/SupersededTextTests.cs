using Dispatch.Contracts.Workers;

namespace Dispatch.Workers.Tests;

public sealed class SupersededTextTests
{
    private static readonly WorkerHost Own = new("machine-a", "boot-a", "data-a", new Dictionary<string, string>());

    [Theory]
    [InlineData("machine-b", "data-b", "another machine (id machine-b, this one is machine-a)")]
    [InlineData("machine-a", "data-b", "another data directory (id data-b, this one's is data-a)")]
    [InlineData("machine-a", "data-a", "on this machine with this data directory")]
    public void The_one_that_took_the_place_is_named(string machine, string data, string named)
    {
        var text = SupersededText.Of(new("w"), 1, Own, new() { Accepted = false, NewestIncarnation = 2, NewestHost = Own with { MachineId = machine, DataDirectoryId = data } });
        Assert.All([named, "Worker w", "incarnation 2", "an id of its own"], part => Assert.Contains(part, text, StringComparison.Ordinal));
    }
}
