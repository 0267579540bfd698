using System.Buffers;
using Dispatch.Contracts.Errors;

namespace Dispatch.Runtimes.Process;

/// <summary>Refuses plans that a plain process cannot keep, each by the field's name.</summary>
internal static class ProcessPlanCheck
{
    private const int NameCharactersMax = 200;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

    internal static void Require(ContainerPlan plan)
    {
        if (Problem(plan) is { } problem)
        {
            throw new RuntimeException(ErrorCode.StartFailed, $"The process '{plan.Name}' cannot be made: {problem}.");
        }
    }

    internal static bool IsName(string name) =>
        name.Length is > 0 and <= NameCharactersMax && name[0] is not '.' and not '-' && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    private static string? Problem(ContainerPlan plan) => plan switch
    {
        _ when !IsName(plan.Name) => $"its name must have 1 to {NameCharactersMax} letters, digits, '_', '.' or '-' and begin with none of the last two",
        { Image: not null } => "image: a plain process has none",
        { Command.Count: 0, Arguments.Count: 0 } => "command: it is empty",
        { Mounts.Count: > 0 } => "mounts: a plain process sees the host's folders as they are",
        { Tmpfs.Count: > 0 } => "tmpfs: a plain process sees the host's folders as they are",
        { ReadOnlyRoot: true } => "readOnlyRoot: a plain process sees the host's folders as they are",
        { Capabilities.Count: > 0 } => "capabilities: a plain process gets none",
        { Network: not null and not "host" } => $"network: a plain process has the host's, '{plan.Network}' cannot be given",
        { MemoryBytes: <= 0 } => $"resources.memory: {plan.MemoryBytes} is not above 0",
        { PidsMax: <= 0 } => $"resources.pids: {plan.PidsMax} is not above 0",
        _ when !(plan.CpuCores > 0) => $"resources.cpu: {plan.CpuCores} is not above 0",
        _ => null,
    };
}
