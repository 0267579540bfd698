using Dispatch.Contracts.Http;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Cases;

/// <summary>The CLI in a pipe.</summary>
[Collection(CaseCollection.Name)]
public sealed class CliCases(DevFixture fixture) : StackTests(fixture.Stack)
{
    [Theory]
    [Trait("case", "G56")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Json_output_is_JSON_and_nothing_else(bool withColours)
    {
        var environment = withColours ? new Dictionary<string, string> { ["TERM"] = "xterm-256color", ["FORCE_COLOR"] = "1" } : [];
        await Jobs.RunAsync("""{"process":["sh","-c","printf '\\033[31mred'; exit 3"]}""", $"G56-{withColours}");

        await JsonAsync("$D list --output json");
        await JsonAsync("$D list --owner nobody-at-all --output json");
        await JsonAsync($"$D get G56-{withColours} --output json 2>/dev/null");
        await JsonAsync("$D run --output json --process -- sh -c 'printf hello' 2>/dev/null");
        await JsonAsync($"$D operations G56-{withColours} --output json");
        await JsonAsync("$D workers list --output json");
        await JsonAsync($"$D why G56-{withColours} --output json");

        Assert.Equal("", (await Stack.ShellAsync("$D get NOSUCH --output json", environment)).Refused(1, "JobNotFound").Out);
        (await Stack.ShellAsync("DISPATCH_SERVER=http://127.0.0.1:9 $D list --output json", environment)).Refused(2, "http://127.0.0.1:9");
        var table = await Stack.ShellAsync("$D list", environment);
        Assert.DoesNotContain('\u001b', table.Ok());
        Assert.DoesNotContain('\u001b', table.Error);

        async Task JsonAsync(string line)
        {
            var ended = await Stack.ShellAsync($"set -o pipefail; {line} | tee /dev/stderr | jq -e . > /dev/null", environment);
            Assert.True(ended.ExitCode == 0, line + "\n" + ended);
            Assert.DoesNotContain('\u001b', ended.Error);
        }
    }

    [Fact]
    [Trait("case", "G57")]
    public async Task A_reader_that_goes_away_ends_the_verb_quietly_and_harms_nothing()
    {
        var file = Path.Combine(Stack.NewFolder(), "J.json");
        await File.WriteAllTextAsync(file, """{"process":["sh","-c","i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); sleep 0.1; done; exit 4"]}""");
        (await Stack.CliAsync("submit", "--id", "G57-logs", "-f", file)).Ok();

        var shells = await Task.WhenAll(
            Stack.ShellAsync("set -o pipefail; $D logs -f G57-logs | head -n 1; echo $?"),
            Stack.ShellAsync($"set -o pipefail; $D run --id G57-run -f {file} | head -n 1; echo $?"));

        Assert.All(shells, shell =>
        {
            Assert.Matches(@"\Aline 0\n(0|4|141)\n\z", shell.Out);
            Assert.Equal("", shell.Error);
        });

        // Both verbs ended while the job went on.
        Assert.NotEqual(JobState.Closed, (await Jobs.GetAsync(new("G57-run"))).State);
        foreach (var id in (string[])["G57-logs", "G57-run"])
        {
            Assert.Equal(4, (await Jobs.EndAsync(new(id))).ExitCode);
            Assert.Equal(string.Concat(Enumerable.Range(0, 100).Select(index => $"line {index}\n")), await Jobs.OutAsync(new(id)));
        }
    }
}
