using System.Text.Json.Serialization;

namespace Dispatch.Contracts.Ids;

/// <summary>A worker's stable id. 1 to 100 characters: letters, digits, dot, dash, underscore.</summary>
/// <param name="Value">The text, never empty.</param>
[JsonConverter(typeof(Converter))]
public readonly record struct WorkerId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;

    internal sealed class Converter : IdConverter<WorkerId>
    {
        /// <inheritdoc/>
        protected override WorkerId FromText(string text) => new(text);
    }
}
