using CsCheck;
using Dispatch.Contracts.Logs;
using static Dispatch.Logs.Tests.TemporaryRoot;

namespace Dispatch.Logs.Tests.Files;

public sealed class LogRecoveryTests
{
    private enum Step
    {
        Append,
        Repeat,
        Gap,
        Restart,
        TornData,
        TornIndex,
        GarbageIndex,
    }

    [Fact]
    public void Any_sequence_of_appends_repeats_gaps_restarts_and_torn_writes_gives_exactly_the_bytes() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Bool, Gen.Int[0, 400], Gen.Int[1, 300]).List[1, 25].Sample(steps => RunAsync(steps).GetAwaiter().GetResult(), iter: 150);

    [Fact]
    public async Task Bytes_behind_the_index_stay_and_are_followed()
    {
        using var root = new TemporaryRoot();
        await root.Open().AppendAsync(Key, [Out(0, "hello"), Err(0, "e")], default);
        root.Open();
        File.AppendAllText(Directory.EnumerateFiles(root.Folder, "stdout-*").Single(), " world");

        var store = root.Open();
        Assert.Equal(11, (await store.GetPositionsAsync(Key, default)).Stdout.Length);
        await store.AppendAsync(Key, [Out(6, "world!")], default);
        await store.CompleteAsync(Key, default);
        Assert.Equal("hello world!"u8.ToArray(), Joined(await FollowToEndAsync(store), OutputStream.Stdout));
    }

    [Fact]
    public async Task Without_an_index_the_bytes_are_still_given()
    {
        using var root = new TemporaryRoot();
        await root.Open().AppendAsync(Key, [Out(0, "hello"), Err(0, "oops")], default);
        root.Open();
        File.Delete(Directory.EnumerateFiles(root.Folder, "index-*").Single());

        var store = root.Open();
        await store.CompleteAsync(Key, default);
        var pieces = await FollowToEndAsync(store);
        Assert.Equal("hello"u8.ToArray(), Joined(pieces, OutputStream.Stdout));
        Assert.Equal("oops"u8.ToArray(), Joined(pieces, OutputStream.Stderr));
    }

    [Fact]
    public async Task Where_bytes_are_missing_in_the_middle_what_is_older_goes_and_the_cut_is_visible()
    {
        using var root = new TemporaryRoot();
        static LogStoreOptions Small(LogStoreOptions options) => options with { BytesPerStreamMax = 80 };
        var store = root.Open(Small);
        for (var i = 0; i < 8; i++)
            await store.AppendAsync(Key, [Out(i * 10, $"{i:D9}\n")], default);
        root.Open(Small);
        using (var file = File.OpenWrite(Directory.EnumerateFiles(root.Folder, "stdout-*").Order().ElementAt(2)))
            file.SetLength(4);

        store = root.Open(Small);
        var slice = await store.ReadAsync(Key, OutputStream.Stdout, 0, 1_000, default);
        Assert.Equal((30L, 80L), (slice.Offset, slice.Extent.Length));
        await store.CompleteAsync(Key, default);
        Assert.Equal(30, (await FollowToEndAsync(store))[0].Offset);
    }

    [Fact]
    public async Task A_folder_that_lost_its_name_gets_it_back()
    {
        using var root = new TemporaryRoot();
        await root.Open().AppendAsync(Key, [Out(0, "a")], default);
        File.Delete(Path.Combine(root.Folder, "log.json"));
        var store = root.Open();
        await store.GetPositionsAsync(Key, default);
        Assert.Single(await store.ListAsync(Key.Job, default));
    }

    private static async Task RunAsync(List<(Step Step, bool Stdout, int At, int Length)> steps)
    {
        using var root = new TemporaryRoot();
        static LogStoreOptions Segmented(LogStoreOptions options) => options with { BytesPerStreamMax = 64_000, EntriesMax = 40_000 };
        var store = root.Open(Segmented);
        var sent = new long[2];
        foreach (var (step, stdout, at, length) in steps)
        {
            var stream = stdout ? OutputStream.Stdout : OutputStream.Stderr;
            ref var position = ref sent[stdout ? 0 : 1];
            switch (step)
            {
                case Step.Append or Step.Repeat:
                    var from = step == Step.Append ? position : Math.Max(0, position - at);
                    Assert.False((await store.AppendAsync(Key, [Piece(stream, from, length)], default)).Gap);
                    sent[stdout ? 0 : 1] = Math.Max(sent[stdout ? 0 : 1], from + length);
                    break;
                case Step.Gap:
                    var refused = await store.AppendAsync(Key, [Piece(stream, position + 1 + at, length)], default);
                    Assert.True(refused.Gap);
                    Assert.Equal(sent[stdout ? 0 : 1], refused.Positions.Of(stream).Length);
                    break;
                default:
                    root.Open(Segmented);
                    Tear(root, step, stream, at);
                    store = root.Open(Segmented);
                    var positions = await store.GetPositionsAsync(Key, default);
                    if (step != Step.TornData)
                        Assert.Equal((sent[0], sent[1]), (positions.Stdout.Length, positions.Stderr.Length));
                    sent = [positions.Stdout.Length, positions.Stderr.Length];
                    break;
            }
        }

        await store.CompleteAsync(Key, default);
        var followed = await FollowToEndAsync(store);
        foreach (var stream in (OutputStream[])[OutputStream.Stdout, OutputStream.Stderr])
        {
            var expected = Piece(stream, 0, (int)sent[(int)stream - 1]).Bytes.ToArray();
            Assert.Equal(expected, await ReadAllAsync(store, stream));
            Assert.Equal(expected, Joined(followed, stream));
        }
    }

    /// <summary>What a crash may leave: an end of a file missing, or an entry half written.</summary>
    private static void Tear(TemporaryRoot root, Step step, OutputStream stream, int bytes)
    {
        var pattern = step == Step.TornData ? (stream == OutputStream.Stdout ? "stdout-*" : "stderr-*") : "index-*";
        var path = Directory.EnumerateFiles(root.Path, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).LastOrDefault();
        if (path is null || step == Step.Restart)
            return;
        using var file = File.Open(path, FileMode.Open);
        if (step == Step.GarbageIndex)
        {
            file.Seek(0, SeekOrigin.End);
            file.Write(new byte[bytes % 40]);
        }
        else
        {
            file.SetLength(Math.Max(0, file.Length - bytes));
        }
    }

    /// <summary>The byte at an offset of a stream is always the same.</summary>
    private static LogPiece Piece(OutputStream stream, long from, int length) =>
        new(stream, from, Start, Enumerable.Range(0, length).Select(i => (byte)(((from + i) * 31) + (int)stream)).ToArray());
}
