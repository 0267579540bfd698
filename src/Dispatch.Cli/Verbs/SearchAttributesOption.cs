using System.CommandLine;

namespace Dispatch.Cli.Verbs;

/// <summary>Whether jobs write their search attributes.</summary>
internal static class SearchAttributesOption
{
    /// <summary>Makes the option.</summary>
    public static Option<string> Make() => new Option<string>("--search-attributes")
    {
        Description = "on: jobs write search attributes, which the namespace must have; off: they do not, and lists cannot be narrowed by them",
        DefaultValueFactory = _ => "on",
    }.OneOf(["on", "off"]);

    /// <summary>What it says.</summary>
    public static bool Read(ParseResult parsed, Option<string> option) => parsed.GetValue(option) == "on";
}
