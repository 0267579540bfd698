using System.Globalization;

namespace Dispatch.Contracts.Operations;

/// <summary>The names of the memo entries that hold operations: <c>dispatch.op.0001</c> and on.</summary>
public static class OperationKeys
{
    /// <summary>What all of them begin with.</summary>
    public const string Prefix = "dispatch.op.";

    private const int DigitsLeast = 4;

    /// <summary>The key of a sequence number.</summary>
    /// <param name="sequence">From 1.</param>
    /// <returns>Such as <c>dispatch.op.0001</c>; more digits from 10,000 on.</returns>
    public static string Of(int sequence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        return Prefix + sequence.ToString("D4", CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a key.</summary>
    /// <param name="key">A memo entry's name.</param>
    /// <param name="sequence">The sequence number.</param>
    /// <returns>Whether it is the key of an operation, written as <see cref="Of"/> writes it.</returns>
    public static bool TryParse(string? key, out int sequence)
    {
        sequence = 0;
        return key is not null
            && key.StartsWith(Prefix, StringComparison.Ordinal)
            && key.Length >= Prefix.Length + DigitsLeast
            && int.TryParse(key.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out sequence)
            && sequence >= 1
            && Of(sequence) == key;
    }
}
