using Dispatch.Cli.Verbs;

namespace Dispatch.Cli.Tests.Verbs;

/// <summary>Which files a path stands for that is given to <c>dispatch replay</c>.</summary>
public sealed class HistoryFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatch-histories-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_stands_for_itself_even_where_there_is_none() => Assert.Equal([new("/no/such/history")], HistoryFiles.Named("/no/such/history"));

    [Fact]
    public void A_folder_stands_for_its_files_and_those_of_the_folders_below_by_name()
    {
        foreach (var file in new[] { "b.json", "a.json", "note.txt", "x/z.json", "x/deep/er/1.json", "a/2.json", "named.json/3.json" })
            Write(file);

        Assert.Equal(["a.json", "b.json", "a/2.json", "named.json/3.json", "x/z.json", "x/deep/er/1.json"], HistoryFiles.Named(_folder).Select(named => Path.GetRelativePath(_folder, named.Path)));
        Assert.All(HistoryFiles.Named(_folder), named => Assert.True(named is { Fault: null, Note: null }));
    }

    [Fact]
    public void A_link_to_a_folder_is_told_and_not_followed_so_that_no_loop_holds_it()
    {
        Write("x/1.json");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "x", "loop"), _folder);
        File.CreateSymbolicLink(Path.Combine(_folder, "file.json"), Path.Combine(_folder, "x", "1.json"));

        var named = HistoryFiles.Named(_folder);

        Assert.Equal(["file.json", "x/1.json", "x/loop"], named.Select(one => Path.GetRelativePath(_folder, one.Path)));
        Assert.Equal([false, false, true], named.Select(one => one.Note is not null));
        Assert.Contains("x/loop: is a link to a folder and was not followed", named[^1].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_is_named_itself_is_followed()
    {
        Write("x/1.json");
        var link = Path.Combine(_folder, "link");
        Directory.CreateSymbolicLink(link, Path.Combine(_folder, "x"));

        Assert.Equal([new(Path.Combine(link, "1.json"))], HistoryFiles.Named(link));
    }

    [Fact]
    public void A_folder_without_any_is_a_fault_and_what_was_passed_over_is_told_all_the_same()
    {
        Write("x/note.txt");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "loop"), _folder);

        var named = HistoryFiles.Named(_folder);

        Assert.NotNull(named[0].Note);
        Assert.Equal(new(_folder, $"{_folder}: neither this folder nor one below has a file that ends with .json"), named[1]);
    }

    private void Write(string file)
    {
        var path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "{}");
    }
}
