using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Dispatch.Engine.Tests.Frontend;

/// <summary>Fills messages with whatever their fields allow: names that exist and that don't, extremes, garbage, nothing.</summary>
internal sealed class RandomMessages(Random random)
{
    private const int DepthMax = 4;

    private static readonly string[] Texts = ["", "default", "default", "wf", "queue", "x", "not-a-uuid", "11111111-2222-4333-8444-555555555555", "ünïcode ☃"];
    private static readonly long[] Numbers = [0, 0, 1, 2, -1, 5, 1_000_000, int.MaxValue, int.MinValue];

    public IMessage Next(MessageDescriptor type, int depth = 0)
    {
        var message = (IMessage)Activator.CreateInstance(type.ClrType)!;
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (field.Name != "namespace" && random.Next(3) == 0)
            {
                continue;
            }

            if (field.IsMap)
            {
                FillMap(message, field, depth);
            }
            else if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                for (var i = random.Next(3); i > 0 && Value(field, depth) is { } item; i--)
                {
                    list.Add(item);
                }
            }
            else if (Value(field, depth) is { } value)
            {
                field.Accessor.SetValue(message, value);
            }
        }

        return message;
    }

    private void FillMap(IMessage message, FieldDescriptor field, int depth)
    {
        var map = (IDictionary)field.Accessor.GetValue(message);
        var (key, value) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
        if (random.Next(2) == 0 && Value(key, depth) is { } name && Value(value, depth) is { } content)
        {
            map[name] = content;
        }
    }

    private object? Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.String => field.Name == "namespace" ? "default" : Pick(Texts),
        FieldType.Bytes => ByteString.CopyFrom([.. Enumerable.Range(0, random.Next(20)).Select(_ => (byte)random.Next(256))]),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => (int)Pick(Numbers),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => Pick(Numbers) * (random.Next(4) == 0 ? 1_000_000_000 : 1),
        FieldType.UInt32 or FieldType.Fixed32 => (uint)random.Next(),
        FieldType.UInt64 or FieldType.Fixed64 => (ulong)random.Next(),
        FieldType.Double => Pick([0.0, -1.0, 1.5, double.NaN, double.PositiveInfinity]),
        FieldType.Float => Pick([0f, -1f, 1.5f, float.NaN]),
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, random.Next(8) == 0 ? 99 : Pick([.. field.EnumType.Values]).Number),
        FieldType.Message when field.MessageType.File.Name.EndsWith("wrappers.proto", StringComparison.Ordinal) => null,
        FieldType.Message when field.MessageType == Duration.Descriptor && random.Next(5) > 0 => Duration.FromTimeSpan(TimeSpan.FromSeconds(random.Next(100))),
        FieldType.Message => depth < DepthMax ? Next(field.MessageType, depth + 1) : null,
        _ => null,
    };

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
