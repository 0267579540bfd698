using Dispatch.Runtimes.Process;
using Dispatch.Workers.Guard;

namespace Dispatch.Workers.Tests.Guard;

public sealed class GuardLogLimitTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("gl").FullName;

    private string Log => ProcessLayout.LogFile(_folder);

    public GuardLogLimitTests() => Directory.CreateDirectory(Path.GetDirectoryName(Log)!);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_log_within_its_limit_is_left_alone()
    {
        GuardLogLimit.Hold(_folder, Now);
        Assert.False(File.Exists(Log));

        var text = new string('x', GuardLogLimit.BytesMax);
        File.WriteAllText(Log, text);
        GuardLogLimit.Hold(_folder, Now);
        Assert.Equal(text, File.ReadAllText(Log));
    }

    [Fact]
    public void A_log_beyond_its_limit_keeps_its_end_under_a_line_that_says_so_and_goes_on()
    {
        var lines = Enumerable.Range(1, (GuardLogLimit.BytesMax / 8) + 1).Select(line => $"{line:D7}").ToList();
        File.WriteAllLines(Log, lines);

        GuardLogLimit.Hold(_folder, Now);
        File.AppendAllText(Log, "after\n");

        var kept = File.ReadAllLines(Log);
        Assert.StartsWith("2026-01-02T03:04:05", kept[0], StringComparison.Ordinal);
        Assert.Contains("were cut off", kept[0], StringComparison.Ordinal);
        Assert.Equal("after", kept[^1]);
        Assert.Equal(lines.TakeLast(kept.Length - 2), kept[1..^1]);
        Assert.InRange(new FileInfo(Log).Length, GuardLogLimit.BytesKept - 100, GuardLogLimit.BytesKept + 200);
    }
}
