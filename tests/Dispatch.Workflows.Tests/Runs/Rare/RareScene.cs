namespace Dispatch.Workflows.Tests.Runs.Rare;

/// <summary>What leads a job into branches of its machine that jobs seldom take.</summary>
/// <param name="Name">The name of its history: what happens in it.</param>
/// <param name="Steps">The operations it leaves, in short.</param>
/// <param name="Takes">The branches it is for.</param>
/// <param name="Play">Leads it there.</param>
internal sealed record RareScene(string Name, string Steps, string[] Takes, Func<Scene, Task> Play);
