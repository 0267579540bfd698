using Dispatch.Workers.Attempts;

namespace Dispatch.Workers.Tests.Attempts;

public sealed class JournalTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("journal-").FullName, "journal");

    [Fact]
    public void What_was_appended_is_read_in_its_order_by_another_instance_too()
    {
        var journal = New();
        journal.Append(new(1, "one\ntwo"), durable: true);
        journal.Append(new(2, "three"), durable: false);

        Assert.Equal([new(1, "one\ntwo"), new(2, "three")], New().Read());
    }

    [Fact]
    public void Without_a_file_there_are_no_lines() => Assert.Empty(New().Read());

    [Fact]
    public void Wherever_a_write_was_cut_short_earlier_and_later_lines_are_whole()
    {
        New().Append(new(1, "whole"), durable: false);
        var before = File.ReadAllBytes(_file);
        New().Append(new(2, "cut"), durable: false);
        var after = File.ReadAllBytes(_file);

        for (var length = before.Length; length < after.Length - 2; length++)
        {
            File.WriteAllBytes(_file, after[..length]);
            Assert.Equal([new(1, "whole")], New().Read());

            New().Append(new(3, "later"), durable: true);
            Assert.Equal([new(1, "whole"), new(3, "later")], New().Read());
        }
    }

    [Fact]
    public void It_is_written_anew_with_what_counts_before_it_grows_beyond_its_limit()
    {
        var journal = New();
        var longText = new string('x', 1000);
        for (var number = 0; number < 1000; number++)
            journal.Append(new(number, longText), durable: false);

        Assert.InRange(new FileInfo(_file).Length, 1, Journal<Note>.BytesMax + 2000);
        Assert.Equal(new(999, longText), New().Read()[^1]);
    }

    [Fact]
    public void Where_more_than_its_limit_counts_it_is_written_anew_only_when_it_has_doubled()
    {
        var shortened = 0;
        var journal = new Journal<Note>(_file, notes =>
        {
            shortened++;
            return notes;
        });
        var longText = new string('x', Journal<Note>.BytesMax / 100);
        for (var number = 0; number < 700; number++)
            journal.Append(new(number, longText), durable: false);

        Assert.InRange(shortened, 1, 3);
        Assert.Equal(700, New().Read().Count);
    }

    [Fact]
    public void Only_its_owner_may_read_it()
    {
        New().Append(new(1, "private"), durable: false);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file));
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    private Journal<Note> New() => new(_file, notes => [notes.Last()]);

    private sealed record Note(int Number, string Text);
}
