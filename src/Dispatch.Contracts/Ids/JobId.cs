using System.Text.Json.Serialization;

namespace Dispatch.Contracts.Ids;

/// <summary>A job's id; it is the workflow id. 1 to 200 characters.</summary>
/// <param name="Value">The text, never empty.</param>
[JsonConverter(typeof(Converter))]
public readonly record struct JobId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;

    internal sealed class Converter : IdConverter<JobId>
    {
        /// <inheritdoc/>
        protected override JobId FromText(string text) => new(text);
    }
}
