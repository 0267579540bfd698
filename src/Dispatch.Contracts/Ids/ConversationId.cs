using System.Text.Json.Serialization;

namespace Dispatch.Contracts.Ids;

/// <summary>A conversation's id: the original run id of the job's run.</summary>
/// <param name="Value">The text, never empty.</param>
[JsonConverter(typeof(Converter))]
public readonly record struct ConversationId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;

    internal sealed class Converter : IdConverter<ConversationId>
    {
        /// <inheritdoc/>
        protected override ConversationId FromText(string text) => new(text);
    }
}
