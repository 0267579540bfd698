namespace Dispatch.Runtimes.Docker;

/// <summary>
/// Commands that were found in an image. What was found in one container of it is in every other, unless a mount covers the place; where a folder on
/// the way is a link to below a mount, that shows only when the init process cannot execute the command, and is told then.
/// </summary>
internal sealed class KnownCommands
{
    /// <summary>Most commands that are remembered.</summary>
    public const int Max = 1000;

    private readonly Remembered<Key, Found> _known = new(Max);

    /// <summary>What a new container is, where its command is known to be there.</summary>
    public EngineContainer? Find(ContainerPlan plan, MadeContainer made) =>
        _known.TryGet(Key.Of(plan, made.ImageId), out var found) && !IsCovered(plan, found.Paths)
            ? found.Container with { Id = made.Id, Name = plan.Name, Labels = plan.Labels, TakesInput = !plan.Stdin.IsEmpty, User = plan.User ?? found.Container.User }
            : null;

    /// <summary>Remembers where a container's command was found.</summary>
    public void Add(ContainerPlan plan, MadeContainer made, EngineContainer container, IReadOnlyList<string> paths)
    {
        if (!IsCovered(plan, paths))
            _known.Add(Key.Of(plan, made.ImageId), new Found(container, paths));
    }

    private static bool IsCovered(ContainerPlan plan, IReadOnlyList<string> paths) => plan.Mounts.Select(mount => mount.Target).Concat(plan.Tmpfs.Keys)
        .Any(target => paths.Any(path => path == target || path.StartsWith(target.TrimEnd('/') + "/", StringComparison.Ordinal)));

    /// <summary>All that decides which file a container executes first: of the arguments only where the plan gives no command.</summary>
    private sealed record Key(string ImageId, string? Command, string? Argument, string? WorkingDirectory, string? Path)
    {
        public static Key Of(ContainerPlan plan, string imageId) => new(
            imageId, First(plan.Command), plan.Command.Count > 0 ? null : First(plan.Arguments), plan.WorkingDirectory, plan.Environment.GetValueOrDefault("PATH"));

        private static string? First(IReadOnlyList<string> words) => words.Count > 0 ? words[0] : null;
    }

    private sealed record Found(EngineContainer Container, IReadOnlyList<string> Paths);
}
