using Temporalio.Api.Query.V1;

namespace Dispatch.Engine.History;

/// <summary>Queries that ride on a workflow task.</summary>
internal static class Queries
{
    /// <summary>Attaches a query to the next workflow task that starts.</summary>
    /// <exception cref="Frontend.EngineException">There are too many already.</exception>
    public static QueryState Attach(Decision decision, WorkflowQuery query)
    {
        decision.IsVolatile = true;
        var state = decision.State;
        if (state.Queries.Count >= HistoryLimits.BufferedQueriesMax)
        {
            throw Refusals.Exhausted(
                Temporalio.Api.Enums.V1.ResourceExhaustedCause.BusyWorkflow, "consistent query buffer is full, this may be caused by too many queries");
        }

        var attached = new QueryState(decision.Ids.NewId(), query);
        decision.State = state with { Queries = state.Queries.Add(attached.QueryId, attached) };
        return attached;
    }

    /// <summary>The caller has gone: nobody waits for the answer.</summary>
    public static void Detach(Decision decision, string queryId)
    {
        decision.IsVolatile = true;
        decision.State = decision.State with { Queries = decision.State.Queries.Remove(queryId) };
    }

    /// <summary>Gives the answers of a completed task to those who wait.</summary>
    public static void Answer(Decision decision, IDictionary<string, WorkflowQueryResult> results)
    {
        foreach (var (queryId, result) in results)
        {
            if (decision.State.Queries.TryGetValue(queryId, out var query))
            {
                decision.State = decision.State with { Queries = decision.State.Queries.Remove(queryId) };
                decision.Do(new Effect.AnswerQuery(query, result));
            }
        }
    }

    /// <summary>No workflow task will come for them: those that are left are asked directly.</summary>
    public static void Release(Decision decision)
    {
        foreach (var query in decision.State.Queries.Values)
        {
            decision.Do(new Effect.AnswerQuery(query, null));
        }

        if (!decision.State.Queries.IsEmpty)
        {
            decision.State = decision.State with { Queries = decision.State.Queries.Clear() };
        }
    }
}
