namespace Dispatch.Simulation.Time;

/// <summary>A machine: its clocks run at a speed of their own; it may be frozen, or started anew.</summary>
internal sealed class Machine(World world, string name, double speed)
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan bootedAt;
    private int boots = 1;

    public string Name { get; } = name;

    public double Speed { get; } = speed;

    public string BootId => $"{Name}-boot-{boots}";

    public TimeSpan WallOffset { get; set; }

    public TimeSpan FrozenUntil { get; private set; } = TimeSpan.MinValue;

    public TimeSpan ThawedAt => FrozenUntil;

    /// <summary>Since its boot, time asleep included.</summary>
    public TimeSpan Boot => Local(world.Now - bootedAt);

    public DateTimeOffset Wall => Epoch + TimeSpan.FromHours(1) + Local(world.Now) + WallOffset;

    public bool IsFrozen => FrozenUntil > world.Now;

    public TimeSpan Local(TimeSpan real) => TimeSpan.FromTicks((long)(real.Ticks * Speed));

    public TimeSpan Real(TimeSpan local) => TimeSpan.FromTicks((long)(local.Ticks / Speed));

    public void Freeze(TimeSpan time)
    {
        var until = world.Now + time;
        if (until > FrozenUntil) FrozenUntil = until;
    }

    public void Reboot()
    {
        boots++;
        bootedAt = world.Now;
        FrozenUntil = TimeSpan.MinValue;
    }
}
