namespace Dispatch.Registry.Postgres.Shelves;

/// <summary>
/// What rows of new jobs need, at hand, so that they are written without a look before: numbers that were drawn for this process, and the highest fence of jobs that are
/// gone. Where there are other processes numbers are used up within seconds, so that those of all grow together.
/// </summary>
/// <param name="time">Tells how old the numbers are.</param>
/// <param name="alone">Whether no other process draws numbers.</param>
internal sealed class NewcomerStock(TimeProvider time, bool alone)
{
    /// <summary>How many numbers are drawn beyond those that are needed.</summary>
    public const int DrawnAtOnce = 64;

    internal static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);

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
            drawnAt = time.GetTimestamp();
        }
    }

    /// <summary>Takes numbers.</summary>
    /// <returns>The numbers with the fence of the jobs that are gone; null where there are not enough.</returns>
    public (IReadOnlyList<long> Numbers, long FenceFloor)? Take(int count)
    {
        lock (gate)
        {
            if (numbers.Count < count || (!alone && time.GetElapsedTime(drawnAt) > KeptFor)) return null;
            var taken = new long[count];
            for (var number = 0; number < count; number++) taken[number] = numbers.Dequeue();
            return (taken, fenceFloor);
        }
    }
}
