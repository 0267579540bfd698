namespace Dispatch.Routing.Scorers;

/// <summary>How full a worker would be.</summary>
internal static class Share
{
    /// <summary>The largest part in use of what a job needs, once the job is placed: 0 is empty, 1 is full.</summary>
    public static double After(RoutingRequest request, CandidateView candidate)
    {
        var need = request.Job.Needs;
        var total = candidate.Total;
        var free = candidate.Free;
        var most = Part(total.Slots, free.Slots, need.Slots);
        most = Math.Max(most, Part(total.CpuMilli, free.CpuMilli, need.CpuMilli));
        most = Math.Max(most, Part(total.MemoryBytes, free.MemoryBytes, need.MemoryBytes));
        if (need.Gpu > 0) most = Math.Max(most, Part(total.Gpu, free.Gpu, need.Gpu));
        if (need.DiskBytes > 0) most = Math.Max(most, Part(total.DiskBytes, free.DiskBytes, need.DiskBytes));
        foreach (ref readonly var unit in need.Units.AsSpan())
        {
            if (unit.Milli > 0) most = Math.Max(most, Part(total.Unit(unit.Name), free.Unit(unit.Name), unit.Milli));
        }

        return Math.Clamp(most, 0, 1);
    }

    private static double Part(long total, long free, long need) => total <= 0 ? 0 : (double)(total - free + need) / total;
}
