using Dispatch.Cli.Output;
using Temporalio.Api.Namespace.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Cli.Roles;

/// <summary>
/// Which registry the jobs of a Temporal namespace go by, kept in the namespace's own data: a host with another registry would take a share of the jobs, and they would wait where no worker
/// is. Two that start with a new namespace in the same moment may both find no mark; whichever starts next with the overwritten one is refused.
/// </summary>
/// <param name="Id">The registry's id.</param>
/// <param name="Where">Where it is, for people.</param>
internal sealed record RegistryMark(string Id, string Where)
{
    /// <summary>The key in the namespace's data.</summary>
    public const string Key = "dispatch-registry";

    /// <summary>A registry in the memory of this process.</summary>
    public static RegistryMark InMemory() => new(Guid.NewGuid().ToString(), "in the memory of a `dispatch dev`");

    /// <summary>Reads a mark as it is written.</summary>
    public static RegistryMark Parse(string text) => text.Split(' ', 2) is [var id, var where] ? new(id, where) : new(text, "place unknown");

    /// <summary>Refuses a namespace that goes by another registry. Called before anything is entered.</summary>
    /// <returns>Whether the namespace bears the mark already.</returns>
    /// <exception cref="CliException">It bears another one.</exception>
    public async Task<bool> CheckAsync(ITemporalClient client, CancellationToken token)
    {
        var described = await client.Connection.WorkflowService.DescribeNamespaceAsync(new DescribeNamespaceRequest { Namespace = client.Options.Namespace }, new() { CancellationToken = token }).ConfigureAwait(false);
        if (!described.NamespaceInfo.Data.TryGetValue(Key, out var text))
            return false;
        return Parse(text).Id == Id ? true : throw new CliException(Refusal(client.Options.Namespace, Parse(text)));
    }

    /// <summary>Marks the namespace, where it bears none. Where that is not allowed it is said, and the role works without.</summary>
    /// <exception cref="CliException">Somebody else has marked it meanwhile.</exception>
    public async Task SetAsync(ITemporalClient client, CancellationToken token)
    {
        try
        {
            if (await CheckAsync(client, token).ConfigureAwait(false))
                return;
            var update = new UpdateNamespaceRequest { Namespace = client.Options.Namespace, UpdateInfo = new UpdateNamespaceInfo { Data = { [Key] = ToString() } } };
            await client.Connection.WorkflowService.UpdateNamespaceAsync(update, new() { CancellationToken = token }).ConfigureAwait(false);
        }
        catch (RpcException refused)
        {
            Screen.Note($"dispatch: namespace '{client.Options.Namespace}' cannot be marked with the registry of its jobs ({refused.Message}): that another registry takes a share of them would not be noticed");
        }
    }

    /// <summary>Why a role does not start, and what to do.</summary>
    internal string Refusal(string name, RegistryMark found) =>
        $"The jobs of Temporal namespace '{name}' go by registry {found.Id} ({found.Where}), and this process has registry {Id} ({Where}): it would take a share of them, and they would wait where their workers are not. "
        + "Start it with the database of the others, or with another --namespace; or, where that registry is gone for good, end all roles of the namespace and run "
        + $"`temporal operator namespace update --namespace {name} --data {Key}={Id}`.";

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Where}";
}
