using System.CommandLine;

namespace Dispatch.Cli.Verbs;

/// <summary>All verbs, in the order of the help.</summary>
internal static class VerbList
{
    /// <summary>Makes them.</summary>
    /// <param name="workload">What followed <c>--</c>, if anything.</param>
    public static IEnumerable<Command> All(IReadOnlyList<string>? workload) =>
    [
        RunVerb.Build(workload),
        SubmitVerb.Build(workload),
        SubmitVerb.BuildValidate(workload),
        ListVerb.Build(),
        GetVerb.Build(),
        GetVerb.BuildWait(),
        WhyVerb.Build(),
        OperationsVerb.Build(),
        LogsVerb.Build(),
        .. ControlVerbs.Build(),
        WorkersVerb.Build(),
        ReplayVerb.Build(),
        DevVerb.Build(),
        MigrateVerb.Build(),
        ConfigureVerb.Build(),
        EngineVerb.Build(),
        WorkflowsVerb.Build(),
        ServerVerb.Build(),
        WorkerVerb.Build(),
        GuardVerb.Build(),
        DemoVerb.Build(),
    ];
}
