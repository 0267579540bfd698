namespace Dispatch.Contracts.Jobs;

/// <summary>What is wrong with one field of a spec.</summary>
/// <param name="Field">Where, as a path such as <c>constraints[0].op</c>; empty is the whole document.</param>
/// <param name="Value">The value found, shortened to 100 characters; null where it is missing.</param>
/// <param name="Message">What is wrong and what to write instead.</param>
public sealed record SpecError(string Field, string? Value, string Message);

/// <summary>What came of reading a spec.</summary>
/// <param name="Spec">The spec, when nothing is wrong with it.</param>
/// <param name="Errors">All that is wrong, else empty.</param>
public sealed record SpecReading(JobSpec? Spec, IReadOnlyList<SpecError> Errors)
{
    /// <summary>What could be read, with defaults where fields are wrong, for further checks; null where there is no object.</summary>
    public JobSpec? Draft { get; init; } = Spec;

    /// <summary>Errors with what somebody else says of the draft, but of fields that could not be read: nothing is known of those.</summary>
    /// <param name="more">The other errors.</param>
    /// <returns>All errors.</returns>
    public IReadOnlyList<SpecError> ErrorsWith(IReadOnlyList<SpecError> more)
    {
        var wrong = Errors.Select(error => Outermost(error.Field)).ToHashSet(StringComparer.Ordinal);
        return [.. Errors, .. more.Where(error => !wrong.Contains(Outermost(error.Field)))];
    }

    /// <summary>A list of which one item is wrong has lost its places.</summary>
    private static string Outermost(string field) => field.Split('[', 2)[0];
}
