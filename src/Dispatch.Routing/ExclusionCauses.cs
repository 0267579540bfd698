namespace Dispatch.Routing;

/// <summary>Why a worker is excluded from a job's next attempt.</summary>
public static class ExclusionCauses
{
    /// <summary>The lease ended while the worker was away.</summary>
    public const string Lost = "lost";

    /// <summary>The offer was never taken.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>Whether the cause says that the worker itself was out of reach, so that another try there is worth little.</summary>
    /// <param name="cause">The cause, or an error code.</param>
    /// <returns>True for <see cref="Lost"/> and <see cref="Unreachable"/>.</returns>
    public static bool CutOff(string cause) => cause is Lost or Unreachable;
}
