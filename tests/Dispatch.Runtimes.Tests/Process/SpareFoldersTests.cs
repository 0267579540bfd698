using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;

namespace Dispatch.Runtimes.Tests.Process;

public sealed class SpareFoldersTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("dispatch-").FullName;

    private string Parent => Path.Combine(_root, "spare");

    private string Folder => Path.Combine(_root, "process");

    private string Work => Path.Combine(Folder, "work");

    public static TheoryData<string, Action<string>> Marks => new()
    {
        { "a file", work => File.WriteAllText(Path.Combine(work, "file"), "") },
        { "a hidden file", work => File.WriteAllText(Path.Combine(work, ".hidden"), "") },
        { "a dangling link", work => File.CreateSymbolicLink(Path.Combine(work, "link"), "/nowhere") },
        { "a folder", work => Directory.CreateDirectory(Path.Combine(work, "folder")) },
        { "other rights", work => File.SetUnixFileMode(work, FreshFolder.Rights | UnixFileMode.OtherRead) },
        { "a sticky bit", work => File.SetUnixFileMode(work, FreshFolder.Rights | UnixFileMode.StickyBit) },
        { "a file beside", work => File.WriteAllText(Path.Combine(work, "../beside"), "") },
        { "a link in its place", work => Replace(work, "/tmp") },
        { "nothing in its place", Directory.Delete },
        { "a folder in an output's place", work => Directory.CreateDirectory(Path.Combine(work, "../stdout")) },
    };

    [Fact]
    public void What_a_process_left_empty_is_the_next_ones_and_what_was_written_of_it_is_gone()
    {
        var spares = new SpareFolders(Parent);
        spares.Make(Folder);
        var made = Directory.GetCreationTimeUtc(Work);
        foreach (var file in ProcessLayout.Files(Folder))
            File.WriteAllText(file, "secret");
        spares.Remove(Folder);

        Assert.False(Directory.Exists(Folder));
        Assert.Single(Directory.GetDirectories(Parent));
        spares.Make(Folder);

        Assert.Empty(Directory.GetDirectories(Parent));
        Assert.Equal(["tmp", "work"], Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order());
        Assert.Equal(made, Directory.GetCreationTimeUtc(Work));
    }

    [Theory]
    [MemberData(nameof(Marks))]
    public void What_has_a_mark_of_its_process_is_deleted(string mark, Action<string> leave)
    {
        var spares = new SpareFolders(Parent);
        spares.Make(Folder);
        leave(Work);
        spares.Remove(Folder);

        Assert.False(Directory.Exists(Folder), mark);
        Assert.False(Directory.Exists(Parent), mark);
    }

    [Theory]
    [MemberData(nameof(Marks))]
    public void What_was_marked_while_it_was_spare_is_handed_to_nobody(string mark, Action<string> leave)
    {
        var spares = new SpareFolders(Parent);
        spares.Make(Folder);
        spares.Remove(Folder);
        leave(Path.Combine(Directory.GetDirectories(Parent).Single(), "work"));

        // Also by a worker that was started anew.
        new SpareFolders(Parent).Make(Folder);

        Assert.True(FreshFolder.Is(Folder, ProcessLayout.Inner) && FreshFolder.Is(Work), mark);
        Assert.Empty(Directory.GetDirectories(Parent));
    }

    [Fact]
    public void More_than_the_limit_are_not_kept()
    {
        var spares = new SpareFolders(Parent);
        var folders = Enumerable.Range(0, SpareFolders.KeptMax + 3).Select(number => $"{Folder}{number}").ToArray();
        foreach (var folder in folders)
            spares.Make(folder);
        foreach (var folder in folders)
            spares.Remove(folder);

        Assert.Equal(SpareFolders.KeptMax, Directory.GetDirectories(Parent).Length);
        Assert.DoesNotContain(folders, Directory.Exists);
    }

    public void Dispose() => TreeRemover.Remove(_root);

    private static void Replace(string work, string target)
    {
        Directory.Delete(work);
        Directory.CreateSymbolicLink(work, target);
    }
}
