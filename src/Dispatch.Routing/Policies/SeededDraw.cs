namespace Dispatch.Routing.Policies;

/// <summary>Numbers that a seed draws, the same for the same seed (SplitMix64).</summary>
internal struct SeededDraw(ulong seed)
{
    private ulong state = seed;

    /// <summary>A number from 0 up to, without, <paramref name="bound"/>.</summary>
    public int Below(int bound)
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        return (int)(((mixed >> 32) * (ulong)bound) >> 32);
    }
}
