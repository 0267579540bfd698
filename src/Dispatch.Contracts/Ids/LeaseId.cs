using System.Text.Json.Serialization;

namespace Dispatch.Contracts.Ids;

/// <summary>A lease's id, made by the registry.</summary>
/// <param name="Value">The text, never empty.</param>
[JsonConverter(typeof(Converter))]
public readonly record struct LeaseId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;

    internal sealed class Converter : IdConverter<LeaseId>
    {
        /// <inheritdoc/>
        protected override LeaseId FromText(string text) => new(text);
    }
}
