using Dispatch.Contracts.Runs;

namespace Dispatch.Contracts.Tests.Runs;

public class SignalNamesTests
{
    [Theory]
    [InlineData(1, "SIGHUP")]
    [InlineData(2, "SIGINT")]
    [InlineData(9, "SIGKILL")]
    [InlineData(11, "SIGSEGV")]
    [InlineData(13, "SIGPIPE")]
    [InlineData(15, "SIGTERM")]
    [InlineData(31, "SIGSYS")]
    [InlineData(34, "SIGRTMIN")]
    [InlineData(64, "SIGRTMIN+30")]
    [InlineData(0, "SIG0")]
    [InlineData(99, "SIG99")]
    public void A_signal_has_its_name(int number, string name) => Assert.Equal(name, SignalNames.Of(number));

    [Theory]
    [InlineData("SIGTERM", 15)]
    [InlineData("KILL", 9)]
    public void A_name_has_its_number(string name, int number)
    {
        Assert.True(SignalNames.TryParse(name, out var read));
        Assert.Equal(number, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("term")]
    public void What_is_no_name_is_refused(string? name) => Assert.False(SignalNames.TryParse(name, out _));

    [Fact]
    public void The_version_is_that_of_the_build_without_its_commit() => Assert.Matches(@"^\d+\.\d+\.\d+[^+]*$", DispatchVersion.Current);
}
