using Dispatch.Contracts.Operations;

namespace Dispatch.Contracts.Http;

/// <summary>A job's operations.</summary>
/// <param name="Operations">In order.</param>
/// <param name="Complete">True when all are there; false when only those that the memo keeps (the first and the newest seven) could be had.</param>
public sealed record OperationsView(IReadOnlyList<Operation> Operations, bool Complete);
