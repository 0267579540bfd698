namespace Dispatch.Contracts.Http;

/// <summary>Whether a role is ready, and what is missing.</summary>
/// <param name="Ready">Whether everything needed is there.</param>
/// <param name="Missing">What is not, one sentence each.</param>
public sealed record ReadinessView(bool Ready, IReadOnlyList<string> Missing);
