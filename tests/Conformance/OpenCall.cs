namespace Dispatch.Conformance;

/// <summary>A call that was begun and not yet waited for.</summary>
internal sealed record OpenCall(Task<Outcome> Outcome, CancellationTokenSource Cancellation) : IDisposable
{
    public void Dispose()
    {
        Cancellation.Cancel();
        Cancellation.Dispose();
    }
}
