using Dispatch.Workers.Guard;

namespace Dispatch.Workers.Tests.Guard;

public sealed class AttemptFoldersTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatch-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Folders_without_a_permission_are_looked_into_rarely_once_they_are_old()
    {
        var with = Directory.CreateDirectory(Path.Combine(_folder, "with")).FullName;
        var without = Directory.CreateDirectory(Path.Combine(_folder, "without")).FullName;
        var folders = new AttemptFolders(_folder);
        Look(0, [with, without]);

        Look(AttemptFolders.FreshFor - 1, [with, without]);
        Look(AttemptFolders.FreshFor, [with]);
        Look(AttemptFolders.FreshFor + AttemptFolders.LookEvery, [with, without]);
        Look(AttemptFolders.FreshFor + AttemptFolders.LookEvery + 1, [with]);

        Directory.Delete(with);
        var young = Directory.CreateDirectory(Path.Combine(_folder, "young")).FullName;
        Look(AttemptFolders.FreshFor + AttemptFolders.LookEvery + 2, [young]);

        void Look(long now, string[] expected)
        {
            var due = folders.Due(now);
            Assert.Equal(expected, due.Order(StringComparer.Ordinal));
            foreach (var folder in due)
                folders.Seen(folder, folder == with);
        }
    }

    [Fact]
    public void No_parent_is_no_folder() => Assert.Empty(new AttemptFolders(Path.Combine(_folder, "no")).Due(0));
}
