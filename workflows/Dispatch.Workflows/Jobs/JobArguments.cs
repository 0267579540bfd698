using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Jobs;
using Temporalio.Converters;

namespace Dispatch.Workflows.Jobs;

/// <summary>Reads what callers send: the spec and the commands. Whatever it is, the answer is a value, never an exception.</summary>
internal static class JobArguments
{
    private static readonly JsonSerializerOptions Strict = new(DispatchJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Reads the arguments of the run.</summary>
    /// <param name="spec">The first.</param>
    /// <param name="extra">The second, which must not be there.</param>
    /// <returns>The spec, or all that is wrong.</returns>
    public static JobInput.Started ReadSpec(IRawValue? spec, IRawValue? extra)
    {
        var given = spec?.Payload.Data.Memory ?? default;
        var reading = Wrong(spec, extra) is { } error ? new(null, [error]) : JobSpecReader.Read(given);
        if (reading.Spec is null) return new(reading, "", SpecDigest.Of(given.Span));
        var canonical = JobSpecWriter.Write(reading.Spec);
        return new(reading, System.Text.Encoding.UTF8.GetString(canonical), SpecDigest.Of(canonical));
    }

    /// <summary>Reads a command's argument.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="argument">The first argument.</param>
    /// <param name="extra">The second, which must not be there.</param>
    /// <param name="command">Makes the command, or says what is wrong.</param>
    /// <param name="read">The command.</param>
    /// <param name="error">What is wrong.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryRead<T>(
        IRawValue? argument,
        IRawValue? extra,
        Func<T, (JobCommand? Command, string? Error)> command,
        [NotNullWhen(true)] out JobCommand? read,
        [NotNullWhen(false)] out string? error)
        where T : CommandRequest
    {
        read = null;
        error = null;
        if (extra is not null || Missing(argument))
        {
            error = "Give one argument, an object with requestedBy and reason.";
            return false;
        }

        try
        {
            var request = JsonSerializer.Deserialize<T>(argument!.Payload.Data.Span, Strict);
            if (request is null) error = "Give an object with requestedBy and reason.";
            else if (Unsaid(request) is { } unsaid) error = unsaid;
            else (read, error) = command(request);
        }
        catch (JsonException broken)
        {
            error = Sentence(broken);
        }

        if (read is not null) return true;
        error ??= "The command cannot be read.";
        return false;
    }

    /// <summary>What every command must say and this one does not, all at once.</summary>
    private static string? Unsaid(CommandRequest request)
    {
        string?[] unsaid =
        [
            Blank(request.RequestedBy, 200) ? "requestedBy: say who asks, in 1 to 200 characters." : null,
            Blank(request.Reason, 500) ? "reason: say why, in 1 to 500 characters." : null,
        ];
        return unsaid.Any(text => text is not null) ? string.Join(" ", unsaid.OfType<string>()) : null;
    }

    /// <summary>What the serializer could not read, in our words: it speaks of our classes.</summary>
    private static string Sentence(JsonException broken)
    {
        var field = broken.Path?.TrimStart('$', '.') ?? "";
        return broken.Message.Contains("could not be mapped", StringComparison.Ordinal) ? $"{field}: there is no such field here; leave it out."
            : field.Length > 0 ? $"{field}: has the wrong type, or no value that is known here."
            : "Give one argument, a JSON object with requestedBy and reason.";
    }

    private static SpecError? Wrong(IRawValue? spec, IRawValue? extra)
    {
        if (extra is not null) return new("", null, "The workflow takes one argument, the job spec; two were given.");
        if (Missing(spec)) return new("", null, "The job spec is missing: give it as the one argument, a JSON object with image or process.");
        var encoding = Encoding(spec!);
        return encoding.StartsWith("json/", StringComparison.Ordinal)
            ? null
            : new("", encoding, "The argument is not JSON: give the job spec as a JSON object (payload encoding json/plain).");
    }

    private static bool Missing(IRawValue? value) => value is null || Encoding(value) == "binary/null";

    private static string Encoding(IRawValue value) =>
        value.Payload.Metadata.TryGetValue("encoding", out var encoding) ? encoding.ToStringUtf8() : "";

    private static bool Blank(string? text, int charactersMax) => string.IsNullOrWhiteSpace(text) || text.Length > charactersMax;
}
