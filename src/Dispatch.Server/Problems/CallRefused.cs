using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Server.Problems;

/// <summary>A call that has nothing to do with a spec was refused: a query, an offset, a command's reason; all its errors are listed.</summary>
internal sealed class CallRefused(IReadOnlyList<SpecError> errors)
    : DispatchException(ErrorCode.InvalidJobSpec, string.Join("; ", errors.Select(error => $"{error.Field}: {error.Message}")))
{
    /// <summary>What happened, as the problem's title.</summary>
    public const string Title = "The request cannot be served.";

    /// <summary>What its reader can change.</summary>
    public const string Remedy = "Correct what is named and ask again.";

    /// <summary>All that is wrong.</summary>
    public IReadOnlyList<SpecError> Errors { get; } = errors;
}
