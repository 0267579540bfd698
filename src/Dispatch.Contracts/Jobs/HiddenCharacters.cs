using System.Globalization;
using System.Text;

namespace Dispatch.Contracts.Jobs;

/// <summary>Characters that show as nothing, or as something else: they move a terminal's cursor, turn a line around, or make two ids look the same.</summary>
public static class HiddenCharacters
{
    /// <summary>Whether a character moves what stands around it: a control character, the end of a line or paragraph, or one that changes the direction of writing.</summary>
    /// <param name="character">The character.</param>
    /// <returns>True where it does.</returns>
    public static bool Moves(char character) =>
        char.IsControl(character) || character is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    /// <summary>Whether a text that tells things apart has a character that cannot be seen in it: what moves others, any format character, half a character.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True where it has.</returns>
    public static bool In(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        for (var at = 0; at < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length) != System.Buffers.OperationStatus.Done) return true;
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) return true;
            at += length;
        }

        return false;
    }
}
