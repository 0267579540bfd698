using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Runs;
using Dispatch.Workers.Plans;

namespace Dispatch.Workers.Tests.Plans;

public sealed class ContainerPlansTests : IDisposable
{
    private static readonly RunContainerInput Input = Keeper.Attempts.Intent(default).Input with { MemoryBytes = 5 << 20, Fence = 9 };

    private readonly string folder = Directory.CreateTempSubdirectory("dispatch-plan-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_environment_is_the_spec_s_with_the_job_s_names_and_nothing_of_the_worker_s()
    {
        Environment.SetEnvironmentVariable("DISPATCH_CANARY", "canary-71f0");
        var plan = Make(new() { Process = ["env"], Env = new Dictionary<string, string> { ["A"] = "1\n", ["DISPATCH_JOB"] = "forged" } });
        Assert.Equal(["A", "DISPATCH_ATTEMPT", "DISPATCH_FENCE", "DISPATCH_JOB"], plan.Environment.Keys.Order());
        Assert.Equal(("1\n", "j", "9"), (plan.Environment["A"], plan.Environment["DISPATCH_JOB"], plan.Environment["DISPATCH_FENCE"]));
    }

    [Fact]
    public void A_process_is_its_whole_argv_and_a_container_its_command_and_arguments()
    {
        Assert.Equal(["sh", "-c", ""], Make(new() { Process = ["sh", "-c", ""] }).Command);
        var image = Make(new() { Image = "bb:local", Command = ["sh"], Args = ["-c", "true"] });
        Assert.Equal(("bb:local", 1, 2), (image.Image, image.Command.Count, image.Arguments.Count));
        Assert.Equal("/run/dispatch/outcome", image.Environment["DISPATCH_OUTCOME"]);
        Assert.Contains(image.Mounts, mount => mount.Target == "/run/dispatch" && !mount.ReadOnly);
    }

    [Fact]
    public void The_memory_limit_is_the_attempt_s() => Assert.Equal(5 << 20, Make(new() { Process = ["true"] }).MemoryBytes);

    [Theory]
    [InlineData("a/b c:ü", "dispatch-a-b-c---1-")]
    [InlineData("plain_1.x", "dispatch-plain_1.x-1-")]
    public void Names_are_legal_readable_and_unique_by_lease(string job, string start)
    {
        var name = ContainerNames.Of(new(job), 1, new("lease-1"));
        Assert.StartsWith(start, name, StringComparison.Ordinal);
        Assert.NotEqual(name, ContainerNames.Of(new(job), 1, new("lease-2")));
        Assert.True(ContainerNames.Of(new(new string('x', 200)), 50, new("l")).Length < 80);
    }

    [Theory]
    [InlineData("done\nmore", "done")]
    [InlineData("\u001b[31mred\r\n", "[31mred")]
    [InlineData("  \n", null)]
    [InlineData("", null)]
    public void The_outcome_message_is_one_clean_line(string text, string? line) => Assert.Equal(line, OutcomeMessage.Line(text));

    [Fact]
    public void A_long_outcome_message_is_cut() => Assert.Equal(OutcomeMessage.CharactersMax, OutcomeMessage.Line(new string('x', 5000))!.Length);

    [Fact]
    public async Task An_outcome_file_that_is_a_link_or_a_pipe_says_nothing()
    {
        OutcomeMessage.Prepare(folder);
        var file = Path.Combine(OutcomeMessage.ContainerFolder(folder), OutcomeMessage.FileName);
        await File.WriteAllTextAsync(file, "said");
        Assert.Equal("said", await OutcomeMessage.ReadAsync(folder, isProcess: false, CancellationToken.None));
        File.Delete(file);
        File.CreateSymbolicLink(file, "/etc/passwd");
        Assert.Null(await OutcomeMessage.ReadAsync(folder, isProcess: false, CancellationToken.None));
    }

    [Fact]
    public void A_mount_must_lie_below_an_allowed_folder_after_its_links_are_followed()
    {
        var allowed = Directory.CreateDirectory(Path.Combine(folder, "shared"));
        Directory.CreateDirectory(Path.Combine(folder, "secret"));
        Directory.CreateSymbolicLink(Path.Combine(allowed.FullName, "out"), Path.Combine(folder, "secret"));
        Directory.CreateDirectory(Path.Combine(allowed.FullName, "in"));
        Admission admission = new() { Mounts = [allowed.FullName] };
        JobSpec With(string source) => new() { Image = "i", Mounts = [new(source, "/m", true)] };

        Assert.Null(AdmissionCheck.Refusal(With(Path.Combine(allowed.FullName, "in")), [admission]));
        Assert.Contains("leads out of", AdmissionCheck.Refusal(With(Path.Combine(allowed.FullName, "out")), [admission]), StringComparison.Ordinal);
        Assert.NotNull(AdmissionCheck.Refusal(With("/etc"), [admission]));
        Assert.NotNull(AdmissionCheck.Refusal(new() { Image = "i", Network = "host" }, [admission, new() { AllowHostNetwork = true }]));
    }

    private Runtimes.ContainerPlan Make(JobSpec spec) => ContainerPlans.Make(spec, Input, "n", folder, new("w1"), "data-1", null);
}
