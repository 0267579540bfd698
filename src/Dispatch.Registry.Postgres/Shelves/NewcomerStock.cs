namespace Dispatch.Registry.Postgres.Shelves;

/// <summary>
/// What rows of new jobs need, at hand, so that they are written without a look before: numbers that were drawn for this process, and the highest fence of jobs that are
/// gone. Numbers are used up within seconds, so that those of all processes grow together.
/// </summary>
internal sealed class NewcomerStock
{
    /// <summary>How many numbers are drawn beyond those that are needed.</summary>
    public const int DrawnAtOnce = 64;

    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private Queue<long> numbers = [];
    private long fenceFloor;
    private long drawnAt;

    /// <summary>Puts in what was drawn; what was left before is not used.</summary>
    public void Put(IEnumerable<long> drawn, long floor)
    {
        lock (gate)
        {
            numbers = new(drawn);
            fenceFloor = floor;
            drawnAt = Environment.TickCount64;
        }
    }

    /// <summary>Takes numbers.</summary>
    /// <returns>The numbers with the fence of the jobs that are gone; null where there are not enough.</returns>
    public (IReadOnlyList<long> Numbers, long FenceFloor)? Take(int count)
    {
        lock (gate)
        {
            if (numbers.Count < count || Environment.TickCount64 - drawnAt > KeptFor.TotalMilliseconds) return null;
            var taken = new long[count];
            for (var number = 0; number < count; number++) taken[number] = numbers.Dequeue();
            return (taken, fenceFloor);
        }
    }
}
