using Dispatch.Contracts.Errors;

namespace Dispatch.Registry;

/// <summary>The registry's rows of one job or worker contradict themselves: somebody has edited them by hand. They are left alone until they are mended; the others go on.</summary>
/// <param name="whose">Whose rows, as <c>job J</c> or <c>worker W</c>.</param>
/// <param name="what">What contradicts what.</param>
/// <param name="remedy">What the reader can do.</param>
/// <param name="innerException">What it came from.</param>
public sealed class RowsContradictException(string whose, string what, string remedy, Exception? innerException = null)
    : DispatchException(ErrorCode.InternalError, $"The registry's rows of {whose} contradict themselves and are left alone: {what.TrimEnd('.')}. {remedy}", innerException)
{
    /// <summary>What happened, one sentence without ids.</summary>
    public const string Title = "Rows of the registry contradict themselves.";

    /// <summary>What the reader can change.</summary>
    public string Remedy { get; } = remedy;
}
