namespace Dispatch.Runtimes.Docker;

/// <summary>A container that was made out of a plan.</summary>
/// <param name="Id">The engine's id.</param>
/// <param name="ImageId">The engine's id of its image.</param>
/// <param name="IsNew">Whether this call made it; else an earlier one had, and it may have been started.</param>
internal sealed record MadeContainer(string Id, string ImageId, bool IsNew);
