using System.Diagnostics;
using System.Formats.Tar;

namespace Engines.Fixture;

/// <summary>Makes the tests' image out of the machine's static busybox.</summary>
public static class BusyboxImage
{
    private const string Busybox = "/bin/busybox";

    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Imports it into an engine.</summary>
    /// <param name="api">The engine.</param>
    /// <param name="reference">Name and tag.</param>
    /// <returns>A task that ends when the engine has it.</returns>
    public static async Task ImportAsync(EngineApi api, string reference)
    {
        using var layer = await BuildAsync();
        using var content = new StreamContent(layer);
        var (repository, tag) = (reference.Split(':')[0], reference.Split(':')[1]);
        var (status, body) = await api.SendAsync(HttpMethod.Post, $"images/create?fromSrc=-&repo={repository}&tag={tag}", content);
        if ((int)status >= 300 || body.Contains("errorDetail", StringComparison.Ordinal))
            throw new InvalidOperationException($"The image {reference} could not be made: {status} {body}");
    }

    /// <summary>The image's one layer as a tar archive.</summary>
    /// <returns>The archive, from its beginning.</returns>
    public static async Task<MemoryStream> BuildAsync()
    {
        if (!File.Exists(Busybox))
            throw new InvalidOperationException("The container tests make their image from a static busybox. Run 'tests/install-docker' as root (Debian: apt-get install busybox-static).");

        var archive = new MemoryStream();
        await using (var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "bin") { Mode = Executable });
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "tmp") { Mode = Executable | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit });
            await using var binary = File.OpenRead(Busybox);
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = Executable, DataStream = binary });
            foreach (var applet in await AppletsAsync())
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox", Mode = Executable });
        }

        archive.Position = 0;
        return archive;
    }

    private static async Task<IEnumerable<string>> AppletsAsync()
    {
        using var list = Process.Start(new ProcessStartInfo(Busybox, "--list") { RedirectStandardOutput = true })!;
        var names = await list.StandardOutput.ReadToEndAsync();
        await list.WaitForExitAsync();
        return names.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(name => name != "busybox" && !name.Contains('/', StringComparison.Ordinal));
    }
}
