using System.Globalization;

namespace Dispatch.Benchmarks.Measuring;

/// <summary>Processor time of a process, milliseconds, from <c>/proc</c> (ticks of 10 ms, so only long runs mean something).</summary>
/// <param name="Own">Its own.</param>
/// <param name="Children">That of its children that have ended and were reaped.</param>
internal readonly record struct ProcessorTime(double Own, double Children)
{
    private const double MillisecondsPerTick = 10;

    public static ProcessorTime Of(int pid)
    {
        // pid (name) state …: the name may hold anything, so fields are counted after its last bracket.
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        double Ticks(int field) => double.Parse(fields[field], CultureInfo.InvariantCulture) * MillisecondsPerTick;
        return new(Ticks(11) + Ticks(12), Ticks(13) + Ticks(14));
    }

    public static ProcessorTime operator -(ProcessorTime later, ProcessorTime earlier) => new(later.Own - earlier.Own, later.Children - earlier.Children);
}
