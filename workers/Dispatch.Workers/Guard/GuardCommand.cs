namespace Dispatch.Workers.Guard;

/// <summary>How the guard's process is started.</summary>
/// <param name="Program">The executable's file, absolute.</param>
/// <param name="Arguments">Its arguments, without the zeroth, such as <c>guard --data DIR</c>.</param>
public sealed record GuardCommand(string Program, IReadOnlyList<string> Arguments);
