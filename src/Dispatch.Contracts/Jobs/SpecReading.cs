namespace Dispatch.Contracts.Jobs;

/// <summary>What is wrong with one field of a spec.</summary>
/// <param name="Field">Where, as a path such as <c>constraints[0].op</c>; empty is the whole document.</param>
/// <param name="Value">The value found, shortened to 100 characters; null where it is missing.</param>
/// <param name="Message">What is wrong and what to write instead.</param>
public sealed record SpecError(string Field, string? Value, string Message);

/// <summary>What came of reading a spec.</summary>
/// <param name="Spec">The spec, when nothing is wrong with it.</param>
/// <param name="Errors">All that is wrong, else empty.</param>
public sealed record SpecReading(JobSpec? Spec, IReadOnlyList<SpecError> Errors);
