using Dispatch.Contracts.Runs;
using Temporalio.Exceptions;

namespace Dispatch.Workers.Keeper;

/// <summary>Failures as Temporal carries them: the type is the catalogue's code, the details are the <see cref="ContainerFailure"/>.</summary>
internal static class ActivityFailures
{
    internal static ApplicationFailureException Of(ContainerFailure failure) =>
        new(failure.Message, errorType: failure.Code.ToString(), nonRetryable: true, details: [failure]);
}
