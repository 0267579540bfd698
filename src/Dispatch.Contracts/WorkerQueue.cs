using System.Globalization;
using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts;

/// <summary>A worker's own task queue.</summary>
public static class WorkerQueue
{
    /// <summary>The queue of one incarnation: <c>worker:ID:INCARNATION</c>.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="incarnation">Its incarnation, from 1.</param>
    /// <returns>The queue's name.</returns>
    public static string Of(WorkerId worker, long incarnation) => string.Create(CultureInfo.InvariantCulture, $"worker:{worker}:{incarnation}");
}
