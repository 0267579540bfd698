using System.CommandLine;
using Dispatch.Cli.Roles;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch workflows</c>.</summary>
internal static class WorkflowsVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("workflows", "Run a workflow host: the workflows of jobs, placement, and what looks after leases; as many as wanted");
        var database = DatabaseOption.Make();
        var temporal = new TemporalOptionSet();
        var pool = new PoolOptionSet(alwaysProcess: false);
        var attributes = SearchAttributesOption.Make();
        var level = RoleOptions.Level();
        foreach (var option in (Option[])[database, .. temporal.Options, .. pool.Options, attributes, level])
            command.Options.Add(option);
        command.SetAction(parsed => WorkflowsRole.RunAsync(new WorkflowsOptions
        {
            Database = DatabaseOption.Read(parsed, database),
            Temporal = temporal.Read(parsed),
            Pool = pool.Read(parsed),
            SearchAttributes = SearchAttributesOption.Read(parsed, attributes),
            LogLevel = parsed.GetValue(level),
        }));
        return command;
    }
}
