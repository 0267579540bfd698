using Dispatch.Runtimes.Process;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Guard;

namespace Dispatch.Workers.Tests.Guard;

public sealed class StartBookTests : IDisposable
{
    private static readonly GuardedPlace Place = new("/data/attempts/a/process", new Dictionary<string, string> { ["job"] = "j" });
    private static readonly GuardStart Start = new(7, 70, new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Now: true);
    private static readonly ExitReport Report = new() { Code = 137, Signal = 9, StartedAt = Start.StartedAt, FinishedAt = Start.StartedAt, CpuSeconds = 0.5, PeakMemoryBytes = 9 };

    private readonly string _folder = Directory.CreateTempSubdirectory("dispatch-").FullName;

    public StartBookTests() => Directory.CreateDirectory(ProcessLayout.GuardFolder(_folder));

    [Fact]
    public void The_next_guard_reads_how_far_each_process_came()
    {
        var book = new StartBook(_folder);
        foreach (var name in (string[])["begun", "started", "ended", "removed"])
            book.Begin(name, Place, "boot");
        foreach (var name in (string[])["started", "ended", "removed"])
            book.Complete(name, Start);
        book.End("ended", Report, durable: true);
        book.End("removed", Report, durable: false);
        book.Remove("removed");

        var read = new StartBook(_folder).Read();
        Assert.Equal([("begun", null, null), ("started", Start, null), ("ended", Start, Report)], read.Select(start => (start.Name, start.Start, start.Report)));
        Assert.All(read, start => Assert.Equal((Place.Folder, "j", "boot"), (start.Place.Folder, start.Place.Labels["job"], start.BootId)));
    }

    [Fact]
    public void A_line_that_was_cut_short_is_as_if_it_had_not_been_written()
    {
        var book = new StartBook(_folder);
        book.Begin("a", Place, "boot");
        var whole = File.ReadAllBytes(ProcessLayout.StartsFile(_folder)).Length;
        book.End("a", Report, durable: false);
        File.WriteAllBytes(ProcessLayout.StartsFile(_folder), File.ReadAllBytes(ProcessLayout.StartsFile(_folder))[..(whole + 30)]);

        new StartBook(_folder).Complete("a", Start);

        Assert.Equal((Start, null), new StartBook(_folder).Read().Select(start => (start.Start, start.Report)).Single());
    }

    [Fact]
    public void It_does_not_grow_with_what_was_removed_and_keeps_what_was_not()
    {
        var book = new StartBook(_folder);
        book.Begin("stays", Place, "boot");
        for (var number = 0; number < 5000; number++)
        {
            book.Begin($"{number}", Place, "boot");
            book.Remove($"{number}");
        }

        Assert.InRange(new FileInfo(ProcessLayout.StartsFile(_folder)).Length, 1, Journal<string>.BytesMax + 1000);
        Assert.Equal("stays", new StartBook(_folder).Read().Single().Name);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
