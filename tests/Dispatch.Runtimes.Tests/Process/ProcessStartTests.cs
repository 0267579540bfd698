using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Process;
using Dispatch.Runtimes.Tests.Suite;

namespace Dispatch.Runtimes.Tests.Process;

public sealed class ProcessStartTests : StartSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => ProcessHarness.OpenAsync();

    [Fact, Trait("case", "G17")]
    public async Task G17_pipelines_work()
    {
        var (exit, output) = await RunAsync("bash", "-c", "yes | head -n 1; echo ${PIPESTATUS[0]}");

        Assert.Equal((0, "y\n141\n", ""), (exit.Code, output.StdoutText, output.StderrText));
    }

    [Fact, Trait("case", "G18")]
    public async Task G18_the_environment_is_built_up_and_not_inherited()
    {
        Environment.SetEnvironmentVariable("DISPATCH_CANARY", "canary-71f0");
        var (_, output) = await RunAsync(Harness.Plan("env") with { Environment = new Dictionary<string, string> { ["A"] = "1" } });

        var names = output.StdoutText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[..line.IndexOf('=', StringComparison.Ordinal)]);
        Assert.Equal(["A", "DISPATCH_CONTAINER", "DISPATCH_OUTCOME", "HOME", "PATH", "TMPDIR"], names.Order(StringComparer.Ordinal));
        Assert.Contains("A=1\n", output.StdoutText, StringComparison.Ordinal);
    }

    [Fact, Trait("case", "G26")]
    public async Task G26_arguments_arrive_as_given_in_another_language_too()
    {
        string[] arguments =
        [
            "", "a b", " lead", "it's", "\"dq\"", "back\\slash", "-rf", "--", "*", "$HOME", "line1\nline2", "żé", "tab\there", "%s", "{}", "@file",
        ];
        var (_, output) = await RunAsync(["python3", "-c", "import sys,json;print(json.dumps(sys.argv[1:],ensure_ascii=True))", .. arguments]);

        Assert.Equal(
            """["", "a b", " lead", "it's", "\"dq\"", "back\\slash", "-rf", "--", "*", "$HOME", "line1\nline2", "\u017c\u00e9", "tab\there", "%s", "{}", "@file"]""" + "\n",
            output.StdoutText);
    }

    [Fact, Trait("case", "G27")]
    public async Task G27_all_together_too_long_is_named_by_the_longest()
    {
        var environment = Enumerable.Range(0, 60).ToDictionary(i => $"V{i}", _ => new string('x', 100_000));
        environment["LONG"] = new string('x', 120_000);
        var error = await RefusedAsync(Harness.Plan("true") with { Environment = environment });

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains("too long", error.Message, StringComparison.Ordinal);
        Assert.Contains("env.LONG", error.Message, StringComparison.Ordinal);
    }

    [Theory, Trait("case", "G28")]
    [InlineData("/no/such/dir")]
    [InlineData("/etc/passwd")]
    public async Task G28_a_missing_working_folder_is_named_and_the_program_is_not(string folder)
    {
        var error = await RefusedAsync(Harness.Plan("pwd") with { WorkingDirectory = folder });

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains("workingDir", error.Message, StringComparison.Ordinal);
        Assert.Contains(folder, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pwd", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Home_work_folder_and_temporary_folder_are_the_attempts_own()
    {
        var plan = Shell("echo $PWD; echo $HOME; echo $TMPDIR; echo said > $DISPATCH_OUTCOME; touch $TMPDIR/t $HOME/h");
        var sink = new RecordingSink();
        var id = await StartAsync(plan, sink);
        await Runtime.WaitAsync(id, Cancel);

        var work = ProcessLayout.WorkFolder(plan.AttemptDirectory);
        Assert.Equal($"{work}\n{work}\n{Path.Combine(ProcessLayout.Folder(plan.AttemptDirectory), "tmp")}\n", sink.StdoutText);
        Assert.Equal("said\n", await File.ReadAllTextAsync(ProcessLayout.OutcomeFile(plan.AttemptDirectory)));
        await Runtime.RemoveAsync(id, Cancel);
        await Harness.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task A_script_whose_interpreter_is_missing_says_so()
    {
        var plan = Harness.Plan("./script");
        Directory.CreateDirectory(ProcessLayout.WorkFolder(plan.AttemptDirectory));
        var script = Path.Combine(ProcessLayout.WorkFolder(plan.AttemptDirectory), "script");
        await File.WriteAllTextAsync(script, "#!/no/such/interpreter\n");
        File.SetUnixFileMode(script, (UnixFileMode)0x1ED);

        var error = await RefusedAsync(plan);

        Assert.Contains("interpreter", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Unkeepable))]
    public async Task What_a_process_cannot_have_is_refused_by_name(string field, Func<ContainerPlan, ContainerPlan> change)
    {
        var error = await RefusedAsync(change(Harness.Plan("true")));

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<ContainerPlan, ContainerPlan>> Unkeepable => new()
    {
        { "image", plan => plan with { Image = "bb" } },
        { "command", plan => plan with { Command = [] } },
        { "mounts", plan => plan with { Mounts = [new ContainerMount("/etc", "/etc", true)] } },
        { "tmpfs", plan => plan with { Tmpfs = new Dictionary<string, long> { ["/t"] = 1 } } },
        { "readOnlyRoot", plan => plan with { ReadOnlyRoot = true } },
        { "capabilities", plan => plan with { Capabilities = ["SYS_ADMIN"] } },
        { "network", plan => plan with { Network = "none" } },
        { "resources.memory", plan => plan with { MemoryBytes = 0 } },
        { "env", plan => plan with { Environment = new Dictionary<string, string> { ["A=B"] = "" } } },
        { "zero byte", plan => plan with { Environment = new Dictionary<string, string> { ["A"] = "a\0b" } } },
    };

    [Fact, Trait("case", "G20")]
    public async Task G20_whatever_a_job_leaves_in_its_folders_is_removed()
    {
        const string script = """
            mkdir -p d/e; echo x > d/e/f; chmod 000 d/e; chmod 500 d; ln -s /etc/passwd link; mkfifo pipe
            touch "$(printf 'bad\377name')" "$(printf 'new\nline')"; head -c 100000 /dev/zero > "$TMPDIR/t"
            i=0; while [ $i -lt 300 ]; do mkdir deep; cd deep; i=$((i+1)); done; exit 3
            """;
        for (var i = 0; i < 5; i++)
            Assert.Equal(3, (await RunAsync(Shell(script))).Exit.Code);
        if (Environment.UserName == "root")
            Assert.Equal(3, (await RunAsync(Shell(script) with { User = "65534" })).Exit.Code);

        await Harness.AssertNothingLeftAsync();
        Assert.True(File.Exists("/etc/passwd"));
    }

    [Fact]
    public async Task The_limit_of_open_files_is_the_usual_one_and_may_be_raised()
    {
        var (_, output) = await RunAsync(Shell("ulimit -n; ulimit -n $(ulimit -Hn); ulimit -n"));

        var lines = output.StdoutText.Split('\n');
        Assert.Equal("1024", lines[0]);
        Assert.NotEqual("1024", lines[1]);
    }

    [Fact]
    public async Task No_more_processes_than_the_limit_and_none_of_a_fork_bomb_is_left()
    {
        if ((await Runtime.DescribeAsync(Cancel)).Remarks.Any(remark => remark.Contains("pids", StringComparison.Ordinal)))
            return;
        var mark = $"{Environment.ProcessId}.22";

        // The main process must not need one more: the bomb may have taken the last.
        var plan = Shell($"b() {{ sleep {mark} & b & b; }}; (b & setsid sh -c 'while :; do sleep {mark} & done' &) 2>/dev/null; exec sleep 300") with { PidsMax = 40 };
        var id = await StartAsync(plan, new RecordingSink());
        await UntilAsync(() => HostProcesses.WithArgument(mark).Count > 5);
        await Task.Delay(300, Cancel);
        Assert.InRange(HostProcesses.WithArgument(mark).Count, 1, 40);

        await Runtime.StopAsync(id, TimeSpan.Zero, Cancel);

        Assert.Empty(HostProcesses.WithArgument(mark));
        await Runtime.RemoveAsync(id, Cancel);
        await Harness.AssertNothingLeftAsync();
    }
}
