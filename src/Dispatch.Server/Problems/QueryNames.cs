using System.Reflection;
using Dispatch.Contracts.Jobs;
using Microsoft.AspNetCore.Http;

namespace Dispatch.Server.Problems;

/// <summary>Refuses a query that names what the path does not take: left aside, it would answer another question than was asked.</summary>
internal static class QueryNames
{
    /// <summary>Wraps an endpoint.</summary>
    public static EndpointFilterDelegate Check(EndpointFilterFactoryContext endpoint, EndpointFilterDelegate next)
    {
        var known = Names(endpoint.MethodInfo);
        return context =>
        {
            var errors = Errors(context.HttpContext.Request.Query.Keys, known);
            return errors.Count > 0 ? throw new CallRefused(errors) : next(context);
        };
    }

    /// <summary>What is wrong with the names of a query.</summary>
    internal static IReadOnlyList<SpecError> Errors(IEnumerable<string> asked, IReadOnlyList<string> known) =>
        [.. asked.Where(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase))
            .Select(name => new SpecError(name.Length > 100 ? name[..100] : name, null, known.Count == 0 ? "the path takes no query" : $"is not known here; there is {string.Join(", ", known)}"))];

    /// <summary>Text, numbers and the like, but for the id, which is in the path.</summary>
    private static string[] Names(MethodInfo method) =>
        [.. method.GetParameters().Where(parameter => parameter.Name != "id" && IsSimple(Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType)).Select(parameter => parameter.Name!)];

    private static bool IsSimple(Type type) => type == typeof(string) || type.IsPrimitive || type.IsEnum;
}
