namespace Dispatch.Registry.Expiry;

/// <summary>How the expirer works.</summary>
public sealed record ExpirerOptions
{
    /// <summary>How often it looks. Default 250 ms.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The most time that counts between two looks: a frozen expirer only delays. Default 1 s.</summary>
    public TimeSpan StepMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often settled rows beyond the limits are removed. Default 1 min.</summary>
    public TimeSpan PurgeEvery { get; init; } = TimeSpan.FromMinutes(1);
}
