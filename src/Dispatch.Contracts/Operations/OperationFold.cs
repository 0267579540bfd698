namespace Dispatch.Contracts.Operations;

/// <summary>One operation as a history or a memo has it.</summary>
/// <param name="Key">Its memo entry, <see cref="OperationKeys"/>.</param>
/// <param name="Json">Its bytes.</param>
/// <param name="Operation">What they say.</param>
public sealed record RecordedOperation(string Key, ReadOnlyMemory<byte> Json, Operation Operation);

/// <summary>What came of folding.</summary>
/// <param name="Operations">In the order of their sequence numbers.</param>
/// <param name="Problems">Entries that are no operations, or do not fit their key, one sentence each.</param>
public sealed record FoldedOperations(IReadOnlyList<RecordedOperation> Operations, IReadOnlyList<string> Problems)
{
    /// <summary>Whether all operations from the first on are there: a history has all, a memo only the first and the newest.</summary>
    public bool Complete => Problems.Count == 0 && Operations.Select((recorded, index) => recorded.Operation.Sequence == index + 1).All(fits => fits);

    /// <summary>The operations alone.</summary>
    public IReadOnlyList<Operation> List => [.. Operations.Select(recorded => recorded.Operation)];
}

/// <summary>Makes the list of operations from the memo entries that were set, in the order of a history's events or as a memo stands.</summary>
public static class OperationFold
{
    /// <summary>Folds entries. Keys that are no operation's are passed over; so is the unsetting of one (the memo forgets, the history does not).</summary>
    /// <param name="upserts">Key, and the bytes set or null where it was unset.</param>
    /// <returns>The operations; entries that cannot be read are problems, never lost silently.</returns>
    public static FoldedOperations Fold(IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>?>> upserts)
    {
        ArgumentNullException.ThrowIfNull(upserts);
        var found = new SortedDictionary<int, RecordedOperation>();
        var problems = new List<string>();
        foreach (var (key, value) in upserts)
        {
            if (!key.StartsWith(OperationKeys.Prefix, StringComparison.Ordinal) || value is not { } json)
                continue;
            if (!OperationKeys.TryParse(key, out var sequence))
                problems.Add($"{key}: the key has no sequence number.");
            else if (!OperationJson.TryRead(json.Span, out var operation, out var error))
                problems.Add($"{key}: {error}");
            else if (operation.Sequence != sequence)
                problems.Add($"{key}: its sequence number is {operation.Sequence}.");
            else if (!found.TryAdd(sequence, new(key, json, operation)) && !found[sequence].Json.Span.SequenceEqual(json.Span))
                problems.Add($"{key}: it was recorded again with other content.");
        }

        return new([.. found.Values], problems);
    }
}
