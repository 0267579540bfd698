namespace Dispatch.Simulation.Time;

/// <summary>A process on a machine: what it has asked for happens only while it lives, and after a freeze at its end.</summary>
internal class Process(World world, string name, Machine machine)
{
    public World World { get; } = world;

    public string Name { get; } = name;

    public Machine Machine { get; } = machine;

    public bool Up { get; private set; }

    /// <summary>Which start of it this is.</summary>
    public int Life { get; private set; }

    public TimeSpan DownSince { get; private set; } = TimeSpan.Zero;

    public TimeSpan UpSince { get; private set; }

    public virtual void Start()
    {
        if (Up) return;
        Up = true;
        Life++;
        UpSince = World.Now;
        World.Log(Name, "starts");
    }

    public virtual void Crash()
    {
        if (!Up) return;
        Up = false;
        DownSince = World.Now;
        World.Log(Name, "crashes");
    }

    /// <summary>Does something after a time of the machine's own clock.</summary>
    public void After(TimeSpan local, Action action)
    {
        var life = Life;
        World.Time.At(World.Now + Machine.Real(local), () => Run(life, action));
    }

    public void After(double seconds, Action action) => After(TimeSpan.FromSeconds(seconds), action);

    /// <summary>Does something again and again.</summary>
    public void Every(TimeSpan local, Action action) => After(local, () =>
    {
        action();
        Every(local, action);
    });

    private void Run(int life, Action action)
    {
        if (!Up || life != Life) return;
        if (Machine.IsFrozen) World.Time.At(Machine.FrozenUntil, () => Run(life, action));
        else action();
    }
}
