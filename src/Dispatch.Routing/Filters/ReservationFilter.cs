using System.Globalization;

namespace Dispatch.Routing.Filters;

/// <summary>Not the workers kept free for jobs that rank before and have waited long.</summary>
internal sealed class ReservationFilter : IFilter
{
    public string Name => "reservation";

    public bool Admits(RoutingRequest request, CandidateView candidate) => Find(request, candidate) is null;

    public string Refusal(RoutingRequest request, CandidateView candidate)
    {
        var reservation = Find(request, candidate)!;
        var minutes = Math.Max(0, (request.Now - reservation.Since).TotalMinutes);
        return string.Create(CultureInfo.InvariantCulture, $"kept free for {reservation.Holder}, which has waited {minutes:0} min");
    }

    private static Reservation? Find(RoutingRequest request, CandidateView candidate)
    {
        for (var i = 0; i < request.Reservations.Count; i++)
        {
            var one = request.Reservations[i];
            if (one.Worker == candidate.Worker && one.Holder != request.Job.Job) return one;
        }

        return null;
    }
}
