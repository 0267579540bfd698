using Dispatch.Runtimes.Docker;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Tests.Docker;

public sealed class RememberedTests
{
    [Fact]
    public void Past_its_most_the_oldest_is_forgotten()
    {
        var known = new Remembered<string, int>(2);
        known.Add("a", 1);
        known.Add("b", 2);
        known.Add("a", 3);
        known.Add("c", 4);

        Assert.False(known.TryGet("b", out _));
        Assert.Equal((true, 3), (known.TryGet("a", out var a), a));
        Assert.Equal((true, 4), (known.TryGet("c", out var c), c));
        known.Forget("c");
        known.Forget("never known");
        Assert.False(known.TryGet("c", out _));
    }

    [Fact]
    public void What_was_found_in_an_image_is_in_its_next_container()
    {
        var known = Knowing(Plan("true"));

        var next = known.Find(Plan("true") with { Name = "next", Stdin = "x"u8.ToArray(), User = "7" }, new MadeContainer("id2", "image", IsNew: true));

        Assert.Equal(("id2", "next", true, "7", "true"), (next!.Id, next.Name, next.TakesInput, next.User, next.Command));
    }

    [Fact]
    public void Another_command_image_folder_or_path_is_not_known()
    {
        var known = Knowing(Plan("true"));
        var made = new MadeContainer("id2", "image", IsNew: true);

        Assert.Null(known.Find(Plan("false"), made));
        Assert.Null(known.Find(Plan(), made));
        Assert.Null(known.Find(Plan() with { Arguments = ["true"] }, made));
        Assert.Null(known.Find(Plan("true"), made with { ImageId = "other" }));
        Assert.Null(known.Find(Plan("true") with { WorkingDirectory = "/opt" }, made));
        Assert.Null(known.Find(Plan("true") with { Environment = new Dictionary<string, string> { ["PATH"] = "/opt" } }, made));
        Assert.NotNull(known.Find(Plan("true", "with", "arguments") with { Environment = new Dictionary<string, string> { ["HOME"] = "/opt" } }, made));
    }

    [Theory]
    [InlineData("/bin", false)]
    [InlineData("/bin/", false)]
    [InlineData("/bin/busybox", false)]
    [InlineData("/bin/true", false)]
    [InlineData("/", false)]
    [InlineData("/bin/bus", true)]
    [InlineData("/run/dispatch", true)]
    public void A_mount_over_the_place_makes_it_unknown(string target, bool isKnown)
    {
        var mounted = Plan("true") with { Mounts = [new ContainerMount("/src", target, ReadOnly: false)] };
        var memory = Plan("true") with { Tmpfs = new Dictionary<string, long> { [target] = 1 } };
        var made = new MadeContainer("id2", "image", IsNew: true);

        Assert.Equal(isKnown, Knowing(Plan("true")).Find(mounted, made) is not null);
        Assert.Equal(isKnown, Knowing(Plan("true")).Find(memory, made) is not null);
        Assert.Equal(isKnown, Knowing(mounted).Find(Plan("true"), made) is not null);
    }

    private static KnownCommands Knowing(ContainerPlan plan)
    {
        var known = new KnownCommands();
        var container = new EngineContainer
        {
            Id = "id1",
            Name = plan.Name,
            State = new State(),
            Labels = plan.Labels,
            Command = "true",
            WorkingDirectory = "/",
            User = "",
            Environment = [],
            TakesInput = false,
            HasInit = true,
            LogPath = "",
        };
        known.Add(plan, new MadeContainer("id1", "image", IsNew: true), container, ["/bin/true", "/bin/busybox"]);
        return known;
    }

    private static ContainerPlan Plan(params string[] command) =>
        new() { Name = "first", Labels = new Dictionary<string, string>(), AttemptDirectory = "/nowhere", Command = command };
}
