namespace Dispatch.Simulation.Time;

/// <summary>A link between two parts: cut one way or both, slow, or repeating what it carries.</summary>
internal sealed class Link(World world, string name)
{
    public string Name { get; } = name;

    public bool CutForth { get; set; }

    public bool CutBack { get; set; }

    /// <summary>The most a message may take beside its usual few milliseconds.</summary>
    public double SlowSeconds { get; set; }

    public double LossShare { get; set; }

    public double RepeatShare { get; set; }

    /// <summary>When it was last anything but well.</summary>
    public TimeSpan TroubledAt { get; set; } = TimeSpan.MinValue;

    public bool Troubled => CutForth || CutBack || SlowSeconds > 0 || LossShare > 0 || RepeatShare > 0;

    /// <summary>Asks the other side something.</summary>
    /// <param name="from">Who asks.</param>
    /// <param name="isUp">Whether the other side is there when the question arrives.</param>
    /// <param name="execute">What the other side does.</param>
    /// <param name="answer">Takes the answer; (false, default) where none came in time.</param>
    /// <param name="limit">How long the asker waits, on its own clock.</param>
    public void Ask<T>(Process from, Func<bool> isUp, Func<T> execute, Action<bool, T?> answer, TimeSpan limit)
    {
        var deadline = world.Now + from.Machine.Real(limit);
        var wait = from.Life;
        void Late()
        {
            if (wait == from.Life) from.After(from.Machine.Local(deadline - world.Now), () => answer(false, default));
        }

        void Arrive(bool first)
        {
            if (CutForth || !isUp() || (LossShare > 0 && world.Chance.Happens(LossShare)))
            {
                if (first) Late();
                return;
            }

            var result = execute();
            if (!first) return;
            var back = world.Now + Delay();
            if (back >= deadline)
            {
                Late();
                return;
            }

            world.Time.At(back, () =>
            {
                if (wait != from.Life) return;
                if (CutBack || (LossShare > 0 && world.Chance.Happens(LossShare))) Late();
                else from.After(TimeSpan.Zero, () =>
                {
                    // A frozen asker finds both when it wakes: the answer, and its time over.
                    if (world.Now > deadline && world.Chance.Happens(0.5)) answer(false, default);
                    else answer(true, result);
                });
            });
        }

        if (CutForth)
        {
            // What was sent into a cut may still come through, late.
            if (world.Chance.Happens(0.15)) world.Time.At(world.Now + world.Chance.Span(0.5, 20), () => Arrive(first: false));
            Late();
            return;
        }

        world.Time.At(world.Now + Delay(), () => Arrive(first: true));
        if (RepeatShare > 0 && world.Chance.Happens(RepeatShare)) world.Time.At(world.Now + Delay() + world.Chance.Span(0, 3), () => Arrive(first: false));
    }

    /// <summary>Tells the other side something; it may be lost.</summary>
    public void Tell(Func<bool> isUp, Action arrive)
    {
        if (CutForth || (LossShare > 0 && world.Chance.Happens(LossShare))) return;
        world.Time.At(world.Now + Delay(), () =>
        {
            if (!CutForth && isUp()) arrive();
        });
    }

    public TimeSpan Delay() => world.Chance.Span(0.0005, SlowSeconds > 0 && world.Chance.Happens(0.5) ? 0.02 + SlowSeconds : 0.02);
}
