using System.Text;

namespace Dispatch.Cli.Verbs;

/// <summary>Builds the query part of an address; what is null is left out.</summary>
internal sealed class QueryText
{
    private readonly StringBuilder text = new();

    /// <summary>Adds one pair.</summary>
    public QueryText Add(string name, string? value)
    {
        if (value is not null)
            text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => text.ToString();
}
