using Dispatch.Runtimes.Docker;

namespace Dispatch.Runtimes.Tests.Docker;

public sealed class ContainerNewsTests
{
    private static readonly DateTimeOffset At = new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_good_end_is_told_with_its_times()
    {
        var news = new ContainerNews();
        Assert.Null(news.StartedAt);
        news.Take("start", null, At);
        Assert.False(news.EndedWell.IsCompleted);
        news.Take("die", "0", At.AddSeconds(1));

        Assert.Equal((At, At.AddSeconds(1)), (news.StartedAt, await news.EndedWell));
    }

    [Theory]
    [InlineData("die", "1")]
    [InlineData("die", "137")]
    [InlineData("die", null)]
    [InlineData("die", "")]
    [InlineData("stop", "0")]
    public void Any_other_end_is_left_to_the_wait(string action, string? code)
    {
        var news = new ContainerNews();
        news.Take("start", null, At);
        news.Take(action, code, At.AddSeconds(1));

        Assert.False(news.EndedWell.IsCompleted);
    }

    [Fact]
    public void An_end_after_a_lack_of_memory_is_left_to_the_wait_though_its_code_is_0()
    {
        var news = new ContainerNews();
        news.Take("oom", null, At);
        news.Take("die", "0", At.AddSeconds(1));

        Assert.False(news.EndedWell.IsCompleted);
    }

    [Fact]
    public void An_end_is_not_told_before_its_start()
    {
        var exit = ExitFacts.Well(At, At.AddSeconds(-1));

        Assert.Equal((0, (int?)null, false, At, At), (exit.Code, exit.Signal, exit.OutOfMemory, exit.StartedAt, exit.FinishedAt));
    }
}
