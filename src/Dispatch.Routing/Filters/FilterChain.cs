namespace Dispatch.Routing.Filters;

/// <summary>Filters in the order they are asked; the first that refuses counts. A worker refused later in the chain is nearer to the job.</summary>
internal sealed class FilterChain
{
    private static readonly IFilter[] Static = [new AdmissionFilter(), new PinnedFilter(), new RuntimeFilter(), new ConstraintFilter()];
    private static readonly IFilter[] Passing = [new ExclusionFilter(), new ReservationFilter()];
    private static readonly CapacityFilter Capacity = new();
    private static readonly StateFilter State = new();

    private readonly IFilter[] filters;
    private readonly IFilter[] added;

    public FilterChain(IEnumerable<IFilter> added)
    {
        this.added = [.. added];
        filters = [State, .. Static, .. this.added, .. Passing, Capacity];
    }

    /// <summary>The chain without additions.</summary>
    public static FilterChain BuiltIn { get; } = new([]);

    /// <summary>Whether no filter refuses.</summary>
    public bool Admits(RoutingRequest request, CandidateView candidate)
    {
        foreach (var filter in filters)
        {
            if (!filter.Admits(request, candidate)) return false;
        }

        return true;
    }

    /// <summary>The place in the chain of the first filter that refuses, or -1.</summary>
    public int FirstRefusal(RoutingRequest request, CandidateView candidate)
    {
        for (var i = 0; i < filters.Length; i++)
        {
            if (!filters[i].Admits(request, candidate)) return i;
        }

        return -1;
    }

    public IFilter At(int place) => filters[place];

    /// <summary>Whether the worker could have the job if it were idle and ready: nothing refuses that does not pass by itself.</summary>
    public bool CouldEver(RoutingRequest request, CandidateView candidate)
    {
        foreach (var filter in Static)
        {
            if (!filter.Admits(request, candidate)) return false;
        }

        foreach (var filter in added)
        {
            if (!filter.Admits(request, candidate)) return false;
        }

        return candidate.Total.Covers(request.Job.Needs);
    }

    /// <summary>Whether the worker is ready, not excluded, and only its free capacity (or a reservation) may be missing.</summary>
    public bool MayBecomeFree(RoutingRequest request, CandidateView candidate) =>
        State.Admits(request, candidate) && Passing[0].Admits(request, candidate) && CouldEver(request, candidate);
}
