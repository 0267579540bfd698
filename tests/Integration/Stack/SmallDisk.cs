namespace Dispatch.Integration.Tests.Stack;

/// <summary>A file system of its own in memory, so small that it can be filled. Needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    /// <summary>Mounts one over a folder, which is made.</summary>
    internal static async Task<SmallDisk> MountAsync(string folder, int mebibytes)
    {
        Directory.CreateDirectory(folder);
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", folder);
        return new(folder);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await RunAsync("umount", _folder);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        await using var run = RunningProcess.StartProgram(program, arguments);
        var ended = await run.EndAsync();
        Assert.True(ended.ExitCode == 0, $"The tests of a full disk need to mount a small one, as root: {ended}");
    }
}
