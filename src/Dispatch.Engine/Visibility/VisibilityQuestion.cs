using Dispatch.Engine.Frontend;
using Dispatch.Engine.Visibility.Queries;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>A query over one namespace, ready to be asked.</summary>
/// <param name="Namespace">The namespace's name.</param>
/// <param name="Admits">Whether a row belongs to the answer.</param>
/// <param name="Narrowing">What all admitted rows have in common.</param>
/// <param name="IsGrouped">Whether a count is asked for by status.</param>
internal sealed record VisibilityQuestion(string Namespace, Predicate<IndexedRow> Admits, Narrowing Narrowing, bool IsGrouped)
{
    /// <exception cref="EngineException">INVALID_ARGUMENT: the query can't be understood.</exception>
    public static VisibilityQuestion Parse(string namespaceName, string query, SearchAttributeRegistry attributes)
    {
        IndexedValueType? TypeOf(string name) => attributes.TypeOf(namespaceName, name);
        try
        {
            var parsed = Parser.Parse(query);
            var admits = Filter.Compile(parsed.Where, TypeOf);
            return new VisibilityQuestion(namespaceName, admits, Narrowing.Of(parsed.Where), IsGroupedByStatus(parsed.GroupBy, TypeOf));
        }
        catch (QueryException failure)
        {
            throw EngineException.InvalidArgument($"invalid query: {failure.Message}");
        }
    }

    private static bool IsGroupedByStatus(IReadOnlyList<string> fields, Func<string, IndexedValueType?> typeOf)
    {
        if (fields.Count > 1)
        {
            throw new QueryException("operation is not supported: 'GROUP BY' clause supports only a single field");
        }

        var field = fields.Count == 0 ? null : Field.Find(fields[0], typeOf);
        return field is null || field.IsStatus
            ? field is not null
            : throw new QueryException($"operation is not supported: 'GROUP BY' clause is not supported for search attribute {field.Name}");
    }
}
