using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Dispatch.Engine.Tests.Frontend;

/// <summary>Copies of a message, each broken in one place: a field left out, empty, too long, too large, out of range.</summary>
internal static class BrokenMessages
{
    private const int LongText = 1_001;
    private const int LargeBytes = 2 * 1024 * 1024 + 1;

    public static IEnumerable<(string Change, IMessage Message)> Of(IMessage valid) => Of(valid, valid, [], "");

    private static IEnumerable<(string Change, IMessage Message)> Of(IMessage valid, IMessage part, IReadOnlyList<Func<IMessage, IMessage>> way, string at)
    {
        foreach (var field in part.Descriptor.Fields.InDeclarationOrder())
        {
            var name = $"{at}/{field.Name}";
            foreach (var (says, value) in Values(field))
            {
                var copy = Copy(valid);
                var target = way.Aggregate(copy, (message, step) => step(message));
                if (TrySet(target, field, value))
                {
                    yield return ($"{name} {says}", copy);
                }
            }

            foreach (var (inner, step, index) in Inner(part, field))
            {
                foreach (var deeper in Of(valid, inner, [.. way, step], $"{name}{index}"))
                {
                    yield return deeper;
                }
            }
        }
    }

    private static IEnumerable<(string Says, object? Value)> Values(FieldDescriptor field)
    {
        yield return ("left out", null);
        if (field.IsMap || field.IsRepeated)
        {
            yield break;
        }

        switch (field.FieldType)
        {
            case FieldType.String:
                yield return ("too long", new string('x', LongText));
                yield return ("strange", "ü\u0000☃' OR \"1\"=`1`; --");
                break;
            case FieldType.Bytes:
                yield return ("garbage", ByteString.CopyFrom([1, 255, 255, 255, 255, 255, 7]));
                yield return ("too large", ByteString.CopyFrom(new byte[LargeBytes]));
                break;
            case FieldType.Int32:
                yield return ("negative", -1);
                yield return ("greatest", int.MaxValue);
                break;
            case FieldType.Int64:
                yield return ("negative", -1L);
                yield return ("greatest", long.MaxValue);
                yield return ("least", long.MinValue);
                break;
            case FieldType.Double:
                yield return ("no number", double.NaN);
                yield return ("negative", -1.0);
                break;
            case FieldType.Float:
                yield return ("no number", float.NaN);
                break;
            case FieldType.Bool:
                yield return ("true", true);
                break;
            case FieldType.Enum:
                yield return ("undefined", System.Enum.ToObject(field.EnumType.ClrType, 77));
                yield return ("last", System.Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values.Max(value => value.Number)));
                break;
            case FieldType.Message when field.MessageType == Duration.Descriptor:
                yield return ("negative", new Duration { Seconds = -1 });
                yield return ("endless", new Duration { Seconds = long.MaxValue, Nanos = int.MaxValue });
                break;
            case FieldType.Message when field.MessageType == Timestamp.Descriptor:
                yield return ("never", new Timestamp { Seconds = long.MaxValue, Nanos = int.MaxValue });
                break;
            case FieldType.Message:
                yield return ("empty", Activator.CreateInstance(field.MessageType.ClrType));
                break;
        }
    }

    private static bool TrySet(IMessage target, FieldDescriptor field, object? value)
    {
        switch (value)
        {
            case null when field.IsMap || field.IsRepeated:
                var items = field.Accessor.GetValue(target);
                var had = ((ICollection)items).Count > 0;
                ((dynamic)items).Clear();
                return had;
            case null:
                var before = field.Accessor.GetValue(target);
                field.Accessor.Clear(target);
                return !Equals(before, field.Accessor.GetValue(target));
            default:
                field.Accessor.SetValue(target, value);
                return true;
        }
    }

    private static IEnumerable<(IMessage Inner, Func<IMessage, IMessage> Step, string Index)> Inner(IMessage part, FieldDescriptor field)
    {
        if (field.FieldType != FieldType.Message || field.IsMap || field.MessageType == Any.Descriptor)
        {
            yield break;
        }

        if (!field.IsRepeated)
        {
            if (field.Accessor.GetValue(part) is IMessage only)
            {
                yield return (only, message => (IMessage)field.Accessor.GetValue(message), "");
            }

            yield break;
        }

        var list = (IList)field.Accessor.GetValue(part);
        for (var i = 0; i < list.Count; i++)
        {
            var index = i;
            yield return ((IMessage)list[i]!, message => (IMessage)((IList)field.Accessor.GetValue(message))[index]!, $"[{i}]");
        }
    }

    private static IMessage Copy(IMessage message) => message.Descriptor.Parser.ParseFrom(message.ToByteArray());
}
