using System.Diagnostics.CodeAnalysis;

namespace Dispatch.Runtimes.Docker;

/// <summary>What was learned once and stays true, so that it need not be asked again. Past the most it holds, the oldest is forgotten.</summary>
/// <param name="max">The most it holds.</param>
internal sealed class Remembered<TKey, TValue>(int max)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<TKey, TValue> _known = [];

    /// <summary>Finds what is known of a key.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_lock)
            return _known.TryGetValue(key, out value);
    }

    /// <summary>Remembers; what was known of the key before is replaced.</summary>
    public void Add(TKey key, TValue value)
    {
        lock (_lock)
        {
            _known.Remove(key);
            while (_known.Count >= max)
                _known.RemoveAt(0);
            _known.Add(key, value);
        }
    }

    /// <summary>Forgets a key; one that is not known needs no forgetting.</summary>
    public void Forget(TKey key)
    {
        lock (_lock)
            _known.Remove(key);
    }
}
