using Dispatch.Engine.History;

namespace Dispatch.Engine.Journal;

/// <summary>Where transactions go before anybody hears of them.</summary>
internal interface IJournal
{
    /// <summary>
    /// Appends a transaction. Calls for one workflow id come one after another, in the order of their effect; calls for different ids come at once.
    /// </summary>
    /// <returns>Completes when the transaction is as durable as this journal makes it.</returns>
    Task AppendAsync(Transaction transaction);
}

/// <summary>Keeps nothing: what the engine knows ends with its process.</summary>
internal sealed class InMemoryJournal : IJournal
{
    public Task AppendAsync(Transaction transaction) => Task.CompletedTask;
}
