using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Journal;
using Dispatch.Engine.Runs;
using Dispatch.Engine.Services;
using Dispatch.Engine.Visibility;

namespace Dispatch.Engine;

/// <summary>
/// The objects that answer calls. A method of a service is served when one of them has a public method of its name that takes its
/// request and a <see cref="CallContext"/> and returns a task of its response; everything else is UNIMPLEMENTED.
/// </summary>
internal static class EngineHandlers
{
    public static IReadOnlyList<object> Create(EngineServices services)
    {
        var runs = new RunEngine(services, new InMemoryJournal(), new RandomIds());
        var updates = new UpdateHandlers(runs);
        return
        [
            runs,
            new StartHandlers(runs),
            new SignalHandlers(runs),
            new QueryHandlers(runs),
            updates,
            new MultiOperationHandlers(runs, updates),
            new HistoryHandlers(runs),
            new PollHandlers(runs),
            new WorkflowTaskHandlers(runs),
            new ActivityHandlers(runs),
            new ActivityOperationHandlers(runs),
            new TaskQueueHandlers(runs),
            new SystemHandlers(),
            new FeatureGateHandlers(),
            new NamespaceHandlers(services),
            new SearchAttributeHandlers(services),
            new VisibilityHandlers(services),
        ];
    }
}
