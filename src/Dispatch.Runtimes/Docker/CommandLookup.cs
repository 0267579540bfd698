using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>
/// Looks whether a created container has the command it is to run. With an init process in the container the engine starts that one,
/// and a missing command would look like a workload that ended with 127.
/// </summary>
internal sealed class CommandLookup(EngineConnection engine)
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const int PathEntriesMax = 64;
    private const uint DirectoryBit = 1u << 31;
    private const uint ExecuteBits = 0x49; // --x--x--x

    /// <summary>Verifies the command of a created container; throws where it is not there.</summary>
    /// <param name="container">The container.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The paths by which it was found: as it is called and, through a link, as it is.</returns>
    /// <exception cref="RuntimeException"><c>StartFailed</c>, or the engine does not answer.</exception>
    public async Task<IReadOnlyList<string>> VerifyAsync(EngineContainer container, CancellationToken cancellationToken)
    {
        var command = container.Command;
        if (string.IsNullOrEmpty(command))
            throw StartErrors.Failed($"the command of container {container.Name} is empty. Give command, or an image that has one", null);

        if (command.Contains('/', StringComparison.Ordinal))
        {
            var path = command[0] == '/' ? command : $"{container.WorkingDirectory.TrimEnd('/')}/{command}";
            var (found, at) = await StatAsync(container.Id, path, cancellationToken).ConfigureAwait(false);
            if (found is null)
                throw StartErrors.Failed($"command '{command}' does not exist in the image. Check command against what the image has", null);
            if (!Executable(found))
                throw StartErrors.Failed($"command '{command}' is in the image but is no executable file. Check command, or the file's mode", null);
            return [path, at];
        }

        var searched = Path(container.Environment);
        foreach (var folder in searched.Split(':').Take(PathEntriesMax))
        {
            var inside = folder is "" or "." ? container.WorkingDirectory.TrimEnd('/') : folder.TrimEnd('/');
            var path = $"{inside}/{command}";
            if (await StatAsync(container.Id, path, cancellationToken).ConfigureAwait(false) is ({ } found, var at) && Executable(found))
                return [path, at];
        }

        throw StartErrors.Failed($"command '{command}' is in none of the image's PATH folders ({searched}). Check command against what the image has", null);
    }

    private static string Path(IReadOnlyList<string> environment) =>
        environment.LastOrDefault(entry => entry.StartsWith("PATH=", StringComparison.Ordinal))?[5..] is { Length: > 0 } path ? path : DefaultPath;

    private static bool Executable(ContainerPathStatResponse stat) => (stat.Mode & DirectoryBit) == 0 && (stat.Mode & ExecuteBits) != 0;

    /// <summary>The file behind a path and where it is, one link followed (the engine has resolved the link's own links).</summary>
    private async Task<(ContainerPathStatResponse? Found, string At)> StatAsync(string containerId, string path, CancellationToken cancellationToken)
    {
        var stat = await StatOnceAsync(containerId, path, cancellationToken).ConfigureAwait(false);
        return stat is { LinkTarget: { Length: > 0 } target } && target != path ? (await StatOnceAsync(containerId, target, cancellationToken).ConfigureAwait(false), target) : (stat, path);
    }

    private async Task<ContainerPathStatResponse?> StatOnceAsync(string containerId, string path, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await engine.AskAsync(
                $"look for {path}",
                token => engine.Client.Containers.GetArchiveFromContainerAsync(containerId, new ContainerPathStatParameters { Path = path }, statOnly: true, token),
                cancellationToken).ConfigureAwait(false);
            return answer.Stat;
        }
        catch (DockerApiException error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (DockerApiException error)
        {
            throw engine.Refused($"look for {path}", error);
        }
    }
}
