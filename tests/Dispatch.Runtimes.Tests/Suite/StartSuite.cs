using System.Text;
using Dispatch.Contracts.Errors;

namespace Dispatch.Runtimes.Tests.Suite;

/// <summary>What the workload is given: input, environment, arguments, folder, user.</summary>
public abstract class StartSuite : RuntimeSuite
{
    /// <summary>The C library keeps signals 32 and 33 to itself: its posix_spawn leaves them ignored, and an engine that was started so hands that on.</summary>
    private const ulong LibraryOwnSignals = 0b11UL << 31;

    [Fact, Trait("case", "G17")]
    public async Task G17_signals_are_at_their_defaults()
    {
        var (_, output) = await RunAsync(Shell("grep -E '^Sig(Ign|Blk)' /proc/self/status; { yes; echo $? >&2; } | head -n 1"));

        var lines = output.StdoutText.Split('\n');
        Assert.Equal(($"SigBlk:\t{Harness.BlockedByInit:x16}", "y", ""), (lines[0], lines[2], lines[3]));
        Assert.Equal(0UL, Convert.ToUInt64(lines[1].Split('\t')[1], 16) & ~LibraryOwnSignals);
        Assert.Equal("141\n", output.StderrText);
    }

    [Fact, Trait("case", "G19")]
    public async Task G19_no_input_is_end_of_file_at_once_and_given_input_ends_after_its_last_byte()
    {
        var (none, nothing) = await RunAsync("cat");
        var (some, counted) = await RunAsync(Harness.Plan("wc", "-l") with { Stdin = "line1\nline2\n"u8.ToArray() });
        var bytes = new byte[64 << 10];
        new Random(19).NextBytes(bytes);
        var (_, copied) = await RunAsync(Harness.Plan("cat") with { Stdin = bytes });

        Assert.Equal((0, ""), (none.Code, nothing.StdoutText));
        Assert.Equal((0, "2"), (some.Code, counted.StdoutText.Trim()));
        Assert.Equal(bytes, copied.Stdout);
    }

    [Fact, Trait("case", "G25")]
    public async Task G25_environment_values_arrive_byte_for_byte()
    {
        var environment = new Dictionary<string, string>
        {
            ["NL"] = "a\nb\n",
            ["EQ"] = "k=v=w",
            ["DOLLAR"] = "$HOME ${X} $(id)",
            ["SP"] = "  lead and trail  ",
            ["Q"] = "it's \"q\" \\ back",
            ["U"] = "żółć 日本 \u2028 end",
            ["EMPTY"] = "",
            ["PCT"] = "%0A%%",
            ["HASH"] = "#not a comment",
        };
        var (_, output) = await RunAsync(Harness.Plan("env", "-0") with { Environment = environment });

        var entries = output.StdoutText.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(environment, entry => Assert.Contains($"{entry.Key}={entry.Value}", entries));
    }

    [Fact, Trait("case", "G26")]
    public async Task G26_arguments_arrive_as_given()
    {
        string[] given =
        [
            "", "a b", " lead", "it's", "\"dq\"", "back\\slash", "-rf", "--", "*", "$HOME", "line1\nline2", "żé", "tab\there", "%s", "{}", "@file",
        ];
        var plan = Harness.Plan("sh", "-c", "for a in \"$@\"; do printf '%s\\0' \"$a\"; done", "sh");
        var (_, output) = await RunAsync(plan with { Arguments = given });

        Assert.Equal(given, output.StdoutText.Split('\0')[..^1]);
    }

    [Fact, Trait("case", "G27")]
    public async Task G27_one_byte_more_than_the_kernel_takes_is_named()
    {
        var (fits, _) = await RunAsync(Harness.Plan("true") with { Environment = new Dictionary<string, string> { ["V"] = new('x', 131_069) } });
        var entry = await RefusedAsync(Harness.Plan("true") with { Environment = new Dictionary<string, string> { ["V"] = new('x', 131_070) } });
        var argument = await RefusedAsync(Harness.Plan("true", new string('x', 131_072)));

        Assert.Equal(0, fits.Code);
        Assert.Equal((ErrorCode.StartFailed, ErrorCode.StartFailed), (entry.Code, argument.Code));
        Assert.Contains("env.V", entry.Message, StringComparison.Ordinal);
        Assert.Contains("too long", entry.Message, StringComparison.Ordinal);
        Assert.Contains("argument", argument.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact, Trait("case", "G28")]
    public async Task G28_the_working_folder_is_where_it_starts()
    {
        var (_, output) = await RunAsync(Harness.Plan("pwd") with { WorkingDirectory = "/etc" });

        Assert.Equal("/etc\n", output.StdoutText);
    }

    [Fact, Trait("case", "G29")]
    public async Task G29_a_numeric_user_runs_without_being_known()
    {
        if (Environment.UserName != "root")
            return;
        var (exit, output) = await RunAsync(Shell("id -u; echo x > /dev/stderr; echo \"$(id -g)\"") with { User = "123456:654321" });

        Assert.Equal((0, "123456\n654321\n", "x\n"), (exit.Code, output.StdoutText, output.StderrText));
    }

    [Fact, Trait("case", "G29")]
    public async Task G29_an_unknown_user_fails_at_the_start_by_name()
    {
        var error = await RefusedAsync(Shell("id -u") with { User = "nosuch" });

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains("user", error.Message, StringComparison.Ordinal);
        Assert.Contains("nosuch", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_file_but_the_standard_three_is_open()
    {
        var (_, output) = await RunAsync(Shell("exec ls /proc/self/fd"));

        // The fourth is the one with which the folder is read.
        Assert.Equal("0\n1\n2\n3\n", output.StdoutText);
    }

    [Fact]
    public async Task A_text_that_is_no_utf_8_on_the_way_out_is_not_touched()
    {
        var (_, output) = await RunAsync(Shell("printf '\\377\\376\\000\\001'"));

        Assert.Equal([0xFF, 0xFE, 0, 1], output.Stdout);
        Assert.NotEqual(output.Stdout, Encoding.UTF8.GetBytes(output.StdoutText));
    }
}
