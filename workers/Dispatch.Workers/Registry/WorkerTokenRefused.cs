using Dispatch.Contracts.Errors;

namespace Dispatch.Workers.Registry;

/// <summary>The server does not take the worker's token. A worker that starts gives up; one that runs goes on as without a registry, for the token may be put right.</summary>
/// <param name="message">Which server, and what to change; never the token.</param>
public sealed class WorkerTokenRefused(string message) : DispatchException(ErrorCode.RegistryUnavailable, message);
