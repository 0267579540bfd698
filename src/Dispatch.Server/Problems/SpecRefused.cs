using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Server.Problems;

/// <summary>A spec was refused before anything was started; all its errors are listed.</summary>
internal sealed class SpecRefused(IReadOnlyList<SpecError> errors, ErrorCode code = ErrorCode.InvalidJobSpec)
    : DispatchException(code, $"{errors.Count} error{(errors.Count == 1 ? "" : "s")}: {string.Join("; ", errors.Select(error => $"{(error.Field.Length == 0 ? "spec" : error.Field)}: {error.Message}"))}")
{
    /// <summary>All that is wrong.</summary>
    public IReadOnlyList<SpecError> Errors { get; } = errors;
}
