using Dispatch.Engine.Frontend;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

internal sealed partial class SearchAttributeRegistry
{
    private const int KeysMax = 100;
    private const int ValueBytesMax = 2 * 1024;
    private const int TotalBytesMax = 40 * 1024;

    /// <summary>
    /// Checks attributes that a client or workflow gave: known names that may be set, values of the right type and size.
    /// </summary>
    /// <returns>A copy in which each payload bears its <c>type</c>; null when nothing was given.</returns>
    /// <exception cref="EngineException">INVALID_ARGUMENT, with the first thing that is wrong.</exception>
    public SearchAttributes? Checked(string namespaceName, SearchAttributes? given)
    {
        if (given is null)
        {
            return null;
        }

        if (given.IndexedFields.Count > KeysMax)
        {
            throw EngineException.InvalidArgument($"number of search attributes {given.IndexedFields.Count} exceeds limit {KeysMax}");
        }

        var result = new SearchAttributes();
        var total = 0;
        foreach (var (name, payload) in given.IndexedFields)
        {
            var type = SettableType(namespaceName, name);
            if (!SearchAttributeValue.TryRead(payload, type, out _))
            {
                throw EngineException.InvalidArgument(
                    $"invalid value for search attribute {name} of type {type}: {SearchAttributeValue.Show(payload)}");
            }

            if (payload.Data.Length > ValueBytesMax)
            {
                throw EngineException.InvalidArgument(
                    $"search attribute {name} value size {payload.Data.Length} exceeds size limit {ValueBytesMax}");
            }

            total += name.Length + payload.Data.Length;
            var stamped = payload.Clone();
            stamped.Metadata["type"] = ByteString.CopyFromUtf8(type.ToString());
            result.IndexedFields[name] = stamped;
        }

        return total <= TotalBytesMax
            ? result
            : throw EngineException.InvalidArgument($"total size of search attributes {total} exceeds size limit {TotalBytesMax}");
    }

    private IndexedValueType SettableType(string namespaceName, string name)
    {
        if (Computed.Contains(name))
        {
            throw EngineException.InvalidArgument($"{name} attribute can't be set in SearchAttributes");
        }

        return TypeOf(namespaceName, name) ?? throw EngineException.InvalidArgument(
            $"Namespace {namespaceName} has no mapping defined for search attribute {name}");
    }
}
