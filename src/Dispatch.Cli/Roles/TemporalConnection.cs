using Dispatch.Registry.Postgres.Presence;
using Dispatch.Workflows.Hosting;
using Microsoft.Extensions.Logging;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Cli.Roles;

/// <summary>Connects a role to Temporal, and says in one sentence where that cannot be.</summary>
internal static class TemporalConnection
{
    /// <summary>How long Temporal may take to answer a role that starts.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects, and sees that the namespace is there.</summary>
    public static async Task<TemporalClient> ConnectAsync(TemporalAddress address, string identity, ILoggerFactory logs, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(Within);
        var options = new TemporalClientConnectOptions(address.Target)
        {
            Namespace = address.Namespace,
            DataConverter = DispatchData.Converter,
            LoggerFactory = logs,
            Identity = $"{identity}:{Environment.ProcessId}@{Environment.MachineName}",
            Runtime = SdkRuntime.Create(logs),
        };
        while (true)
        {
            try
            {
                return await ConnectAsync(options, limit.Token).ConfigureAwait(false);
            }
            catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
            {
                throw new CliException($"Temporal at {address.Target} has no namespace '{address.Namespace}': create it with `temporal operator namespace create --address {address.Target} --namespace {address.Namespace}`, or name another with --namespace");
            }
            catch (RpcException e) when (e.Code is RpcException.StatusCode.PermissionDenied or RpcException.StatusCode.Unauthenticated or RpcException.StatusCode.InvalidArgument or RpcException.StatusCode.Unimplemented)
            {
                throw new CliException($"Temporal at {address.Target} refuses the role: {e.Message}");
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException && !token.IsCancellationRequested)
            {
                if (limit.IsCancellationRequested)
                    throw new CliException($"Temporal does not answer at {address.Target} ({Within.TotalSeconds:0} s): start it, or `dispatch engine`, or name another with --address or {EnvironmentNames.TemporalAddress}{(e is OperationCanceledException ? "" : $" ({e.Message})")}");
                await Task.Delay(Pause, token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Which namespace a client works with.</summary>
    public static async Task<TemporalNamespace> NamespaceAsync(TemporalClient client, CancellationToken token)
    {
        var described = await client.Connection.WorkflowService.DescribeNamespaceAsync(new DescribeNamespaceRequest { Namespace = client.Options.Namespace }, new() { CancellationToken = token }).ConfigureAwait(false);
        return new(described.NamespaceInfo.Id, described.NamespaceInfo.Name);
    }

    /// <summary>Refuses a namespace that lacks search attributes of jobs, or types them differently.</summary>
    public static async Task CheckSearchAttributesAsync(TemporalClient client, CancellationToken token)
    {
        var missing = await SearchAttributeCheck.MissingAsync(client, token).ConfigureAwait(false);
        if (missing.Count > 0)
            throw new CliException(Explain(client.Options.Namespace, missing));
    }

    /// <summary>What is wrong with the search attributes, and the commands that mend it.</summary>
    internal static string Explain(string name, IReadOnlyList<MissingSearchAttribute> missing)
    {
        var lines = new List<string> { $"namespace '{name}' has not the search attributes that jobs write:" };
        lines.AddRange(missing.Select(one => one.Found is null ? $"  {one.Name} is missing; it must be {one.Type}" : $"  {one.Name} is {one.Found}; it must be {one.Type}"));
        lines.Add("Create them, or start with --search-attributes off:");
        foreach (var one in missing)
        {
            if (one.Found is not null)
                lines.Add("  " + one.Command.Replace("search-attribute create", "search-attribute remove --yes", StringComparison.Ordinal).Replace($" --type {one.Type}", "", StringComparison.Ordinal));
            lines.Add("  " + one.Command);
        }

        return string.Join('\n', lines);
    }

    private static async Task<TemporalClient> ConnectAsync(TemporalClientConnectOptions options, CancellationToken token)
    {
        var client = await TemporalClient.ConnectAsync(options).WaitAsync(token).ConfigureAwait(false);
        await client.Connection.WorkflowService.DescribeNamespaceAsync(new DescribeNamespaceRequest { Namespace = options.Namespace }, new() { CancellationToken = token }).ConfigureAwait(false);
        return client;
    }
}
