namespace Dispatch.Conformance;

/// <summary>A request needs a value that no earlier answer yielded.</summary>
internal sealed class UnboundSymbolException(string symbol) : Exception($"needs {symbol}, which no earlier step yielded");
