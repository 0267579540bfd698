namespace Dispatch.Contracts.Jobs;

/// <summary>When an image is fetched.</summary>
public enum PullPolicy
{
    /// <summary>Only where the host does not have it.</summary>
    IfNotPresent,

    /// <summary>Before every attempt.</summary>
    Always,

    /// <summary>When the registry has a newer one; the present one serves where the registry does not answer.</summary>
    Newer,

    /// <summary>Never; it must be there.</summary>
    Never,
}
