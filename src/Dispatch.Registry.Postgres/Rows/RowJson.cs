using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Postgres.Rows;

/// <summary>How rows travel: a row is one JSON object both ways, its members named as the columns, so that one record a table is all the mapping there is.</summary>
internal static class RowJson
{
    /// <summary>Records from elsewhere of which rows have every member; of others a later version may have more.</summary>
    private static readonly HashSet<Type> Whole = [typeof(Amounts), typeof(UnitAmount), typeof(WorkerCapacity), typeof(WorkerHost), typeof(LeaseStatement), typeof(ExcludedWorker)];

    public static JsonSerializerOptions Options { get; } = Create();

    public static string Write<T>(T row) => JsonSerializer.Serialize(row, Options);

    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Options) ?? throw new JsonException("a row is an object");

    /// <summary>Whether an error at reading a row is the row's own: somebody has changed it by hand to what no program writes.</summary>
    public static bool IsOfRow(Exception error) => error is JsonException or FormatException or ArgumentException or NullReferenceException or InvalidOperationException
        or OverflowException or KeyNotFoundException or NotSupportedException;

    /// <summary>What is always written must be there: nothing that somebody took out is read as zero.</summary>
    private static void Demand(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || (type.Type.Namespace != typeof(RowJson).Namespace && !Whole.Contains(type.Type))) return;
        foreach (var property in type.Properties)
        {
            if (property.Set is null && property.AssociatedParameter is null) continue;
            var mayLack = property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is not null : property.IsSetNullable;
            property.IsRequired = !mayLack && property.AssociatedParameter is not { HasDefaultValue: true };
        }
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            RespectNullableAnnotations = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Demand } },
        };
        options.Converters.Add(new JsonStringEnumConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
