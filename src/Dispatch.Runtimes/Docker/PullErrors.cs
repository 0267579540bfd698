using System.Net;
using Dispatch.Contracts.Errors;

namespace Dispatch.Runtimes.Docker;

/// <summary>Reads out of the engine's words why an image could not be had, and whether waiting can heal it.</summary>
internal static class PullErrors
{
    // Each phrase has a blank: the words come with the image's name in them, and a name may be "timeout" or "tls".
    private static readonly string[] Transient =
    [
        "unexpected http status: 5", "service unavailable", "toomanyrequests: ", "too many requests", "i/o timeout", "handshake timeout",
        "while awaiting headers", "timed out", "deadline exceeded", "connection refused", "connection reset", "no such host", "tls: ", "x509: ",
        "unexpected eof", "internal server error", "bad gateway",
    ];

    private static readonly string[] Invalid =
    [
        "invalid reference format", "invalid repository name", "invalid tag format", "invalid checksum digest", "unsupported manifest", "unsupported media type",
        "unsupported mediatype", "mediatype in manifest should be", "missing signature key", "schema version", "is no longer supported",
    ];

    private static readonly string[] NotCompatible =
    [
        "no matching manifest for", "no match for platform", "does not match the specified platform", "cannot be used on this platform",
        "does not match the expected platform", "no image found in manifest list", "no image found in image index",
    ];

    private static readonly string[] Missing =
    [
        "manifest unknown", "name unknown", "repository does not exist", "name not known to registry", "no such image",
    ];

    // Registries answer 401 and 403 also for what they do not have, so as not to tell strangers what there is. (The host itself says "permission denied".)
    private static readonly string[] Refused =
    [
        "pull access denied", "access to the resource is denied", ": unauthorized: ", ": denied: ", "authentication required", "authorization failed",
        "no basic auth credentials", "invalid username/password", "http 401 ", "http 403 ", "status: 401", "status: 403", "status code 401", "status code 403",
        "statuscode: 401", "statuscode: 403", "registry 401", "registry 403", ": 401 unauthorized", ": 403 forbidden", " 401 (unauthorized)", " 403 (forbidden)",
    ];

    /// <summary>Classifies what an engine or a registry said.</summary>
    /// <param name="status">The status of the engine's answer; 200 where the error came in the progress stream.</param>
    /// <param name="message">The words.</param>
    /// <returns>One of the four codes of a pull.</returns>
    public static ErrorCode Classify(HttpStatusCode status, string message)
    {
        // A broken certificate or a busy registry may speak of what is "not found" or "invalid": what can heal comes before what cannot,
        // but for the platform and the manifest, whose words nothing else uses.
        if (Says(message, NotCompatible))
            return ErrorCode.ImageNotCompatible;
        if (message.Contains("manifest unknown", StringComparison.OrdinalIgnoreCase))
            return ErrorCode.ImageNotFound;
        if (Says(message, Transient))
            return ErrorCode.PullFailed;
        if (Says(message, Invalid))
            return ErrorCode.ImageInvalid;
        if (Says(message, Missing) || IsRefused(message) || (status == HttpStatusCode.NotFound && message.Contains("not found", StringComparison.OrdinalIgnoreCase)))
            return ErrorCode.ImageNotFound;
        return status == HttpStatusCode.BadRequest ? ErrorCode.ImageInvalid : ErrorCode.PullFailed;
    }

    public static RuntimeException From(string image, HttpStatusCode status, string message, EngineDialect dialect, Exception? inner = null)
    {
        var code = Classify(status, message);
        var text = code switch
        {
            ErrorCode.ImageNotFound when IsRefused(message) && ImageReference.TryParse(image, out var reference) =>
                $"Registry {reference.Registry} does not let image '{image}' be read, or has no such image: {message}. Check its name and tag; where it needs a login: {dialect.Login(reference.Registry, image)}.",
            ErrorCode.ImageNotFound => $"Image '{image}' does not exist: {message}. Check its name and tag.",
            ErrorCode.ImageInvalid => $"Image '{image}' is not a valid image: {message}. Check how its reference is written.",
            ErrorCode.ImageNotCompatible => $"Image '{image}' has no variant for this host: {message}. Choose an image or a worker of the same platform.",
            _ => $"Image '{image}' could not be fetched: {message}. A later try may succeed.",
        };
        return new RuntimeException(code, text, inner);
    }

    public static RuntimeException InvalidReference(string image) =>
        From(image, HttpStatusCode.BadRequest, "invalid reference format", EngineDialect.Docker);

    private static bool IsRefused(string message) => Says($": {message}: ", Refused);

    private static bool Says(string message, string[] phrases) =>
        phrases.Any(phrase => message.Contains(phrase, StringComparison.OrdinalIgnoreCase));
}
