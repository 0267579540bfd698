using Dispatch.Workers.Attempts;

namespace Dispatch.Workers.Tests.Attempts;

public sealed class WorkerFolderTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("dispatch-folder-").FullName;

    [Fact]
    public void A_directory_in_use_is_named_with_whose_it_is_and_what_to_do()
    {
        using var first = WorkerFolder.Take(_path, new("w1"), () => "data-1");
        Assert.Equal($"The data directory {_path} is in use by another worker, in another process: end that process, or name another directory with --data.", Refused("w2"));

        first.WriteIncarnation(1);
        Assert.Contains("is in use by worker w1, in another process", Refused("w2"), StringComparison.Ordinal);
        Assert.Contains("is in use by worker w1, in another process", Refused("w1"), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private string Refused(string worker) => Assert.Throws<WorkerStartException>(() => WorkerFolder.Take(_path, new(worker), () => "data-2")).Message;
}
