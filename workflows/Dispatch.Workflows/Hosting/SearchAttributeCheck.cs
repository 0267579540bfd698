using Dispatch.Workflows.Jobs;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Client;
using Temporalio.Common;

namespace Dispatch.Workflows.Hosting;

/// <summary>A search attribute that the namespace does not have as Dispatch needs it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type it must have, as the Temporal CLI writes it: <c>Keyword</c>, <c>Text</c>, <c>KeywordList</c>.</param>
/// <param name="Found">The type it has; null where it is missing.</param>
/// <param name="Command">What creates it.</param>
public sealed record MissingSearchAttribute(string Name, string Type, string? Found, string Command);

/// <summary>Checks that a namespace has the search attributes that jobs write: without them each task of a job would fail.</summary>
public static class SearchAttributeCheck
{
    /// <summary>Asks the server.</summary>
    /// <param name="client">A client of the namespace.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Those that are missing or of another type, each with the command that creates it; empty where all is well.</returns>
    public static async Task<IReadOnlyList<MissingSearchAttribute>> MissingAsync(ITemporalClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var name = client.Options.Namespace;
        var answer = await client.Connection.OperatorService.ListSearchAttributesAsync(
            new ListSearchAttributesRequest { Namespace = name }, new() { CancellationToken = cancellationToken }).ConfigureAwait(false);
        return
        [
            .. JobIndex.All
                .Where(key => !answer.CustomAttributes.TryGetValue(key.Name, out var type) || type != key.ValueType)
                .Select(key => new MissingSearchAttribute(
                    key.Name,
                    key.ValueType.ToString(),
                    answer.CustomAttributes.TryGetValue(key.Name, out var type) ? type.ToString() : null,
                    Command(key, client))),
        ];
    }

    /// <summary>All that jobs write, by name: for an engine that creates them itself.</summary>
    public static IReadOnlyDictionary<string, IndexedValueType> All { get; } = JobIndex.All.ToDictionary(key => key.Name, key => key.ValueType);

    private static string Command(SearchAttributeKey key, ITemporalClient client) =>
        $"temporal operator search-attribute create --address {client.Connection.Options.TargetHost} --namespace {client.Options.Namespace} --name {key.Name} --type {key.ValueType}";
}
