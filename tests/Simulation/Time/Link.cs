namespace Dispatch.Simulation.Time;

/// <summary>A link between two parts: cut one way or both, slow, or repeating what it carries.</summary>
internal sealed class Link(World world, string name)
{
    /// <summary>Seconds that a message may be on its way, at most.</summary>
    private const double LateMost = 20;

    public string Name { get; } = name;

    public bool CutForth { get; set; }

    public bool CutBack { get; set; }

    /// <summary>The most a message may take beside its usual few milliseconds.</summary>
    public double SlowSeconds { get; set; }

    public double LossShare { get; set; }

    public double RepeatShare { get; set; }

    /// <summary>The share of messages that are held up on their way, so that later ones overtake them.</summary>
    public double LateShare { get; set; }

    /// <summary>Asks the other side something.</summary>
    /// <param name="from">Who asks.</param>
    /// <param name="isUp">Whether the other side is there when the question arrives.</param>
    /// <param name="execute">What the other side does.</param>
    /// <param name="answer">Takes the answer; (false, default) where none came in time.</param>
    /// <param name="limit">How long the asker waits, on its own clock.</param>
    public void Ask<T>(Process from, Func<bool> isUp, Func<T> execute, Action<bool, T?> answer, TimeSpan limit)
    {
        var deadline = world.Now + from.Machine.Real(limit);
        var life = from.Life;
        var ended = false;
        void End(bool came, T? result)
        {
            if (ended) return;
            ended = true;
            answer(came, result);
        }

        void Arrive(bool first)
        {
            if (CutForth || !isUp() || Loses()) return;
            var result = execute();
            if (!first) return;
            world.Time.At(world.Now + Delay(), () =>
            {
                if (CutBack || Loses() || life != from.Life) return;
                from.After(TimeSpan.Zero, () =>
                {
                    // A frozen asker finds both when it wakes: the answer, and its time over.
                    if (world.Now > deadline && world.Chance.Happens(0.5)) End(false, default);
                    else End(true, result);
                });
            });
        }

        // Whoever asked goes on then, whatever becomes of the question: it may still be executed, after what was asked later.
        from.After(limit, () => End(false, default));
        if (CutForth)
        {
            // What was sent into a cut may still come through, late.
            if (world.Chance.Happens(0.15)) world.Time.At(world.Now + world.Chance.Span(0.5, LateMost), () => Arrive(first: false));
            return;
        }

        world.Time.At(world.Now + Delay(), () => Arrive(first: true));
        if (RepeatShare > 0 && world.Chance.Happens(RepeatShare)) world.Time.At(world.Now + Delay() + world.Chance.Span(0, 3), () => Arrive(first: false));
    }

    /// <summary>Tells the other side something; it may be lost.</summary>
    public void Tell(Func<bool> isUp, Action arrive)
    {
        if (CutForth || Loses()) return;
        world.Time.At(world.Now + Delay(), () =>
        {
            if (!CutForth && isUp()) arrive();
        });
    }

    /// <summary>Whole again.</summary>
    public void Heal() => (CutForth, CutBack, SlowSeconds, LossShare, RepeatShare, LateShare) = (false, false, 0, 0, 0, 0);

    private bool Loses() => LossShare > 0 && world.Chance.Happens(LossShare);

    private TimeSpan Delay() => LateShare > 0 && world.Chance.Happens(LateShare)
        ? world.Chance.Span(0.5, LateMost)
        : world.Chance.Span(0.0005, SlowSeconds > 0 && world.Chance.Happens(0.5) ? 0.02 + SlowSeconds : 0.02);
}
