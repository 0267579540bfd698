using System.Globalization;
using System.Text;
using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Jobs;
using Spectre.Console;

namespace Dispatch.Cli.Output;

/// <summary>Writes to the terminal, or plainly into a pipe: no colours, no wrapping there.</summary>
internal static class Screen
{
    /// <summary>Width of a table that goes into a pipe: wide enough that nothing is wrapped.</summary>
    private const int PipeColumns = 400;

    private static readonly string[] Units = ["B", "Ki", "Mi", "Gi", "Ti"];

    private static readonly JsonSerializerOptions Indented = new(DispatchJson.Options) { WriteIndented = true };

    private static readonly Lazy<IAnsiConsole> Out = new(() => Create(Console.Out, Console.IsOutputRedirected));

    /// <summary>Standard output for tables.</summary>
    public static IAnsiConsole Output => Out.Value;

    /// <summary>One JSON document and a newline, nothing else.</summary>
    public static void Json<T>(T value) => StandardStream.Output.Write(Encoding.UTF8.GetBytes(JsonText(value) + "\n"));

    /// <summary>One JSON document as text.</summary>
    public static string JsonText<T>(T value) => JsonSerializer.Serialize(value, Indented);

    /// <summary>A line on standard error: progress, warnings, errors.</summary>
    public static void Note(string text) => Console.Error.WriteLine(text);

    /// <summary>A line on standard output, as it is.</summary>
    public static void Line(string text = "") => Output.WriteLine(text);

    /// <summary>A table with these column titles.</summary>
    public static Table Table(params string[] columns)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        for (var at = 0; at < columns.Length; at++)
        {
            // An id that is broken over two lines cannot be copied: only the last column gives way to a narrow terminal.
            var mayWrap = at == columns.Length - 1 && !Console.IsOutputRedirected;
            table.AddColumn(new TableColumn(Markup.Escape(columns[at])) { NoWrap = !mayWrap, Padding = new Padding(0, 0, 2, 0) });
        }

        return table;
    }

    /// <summary>Adds a row of plain texts: whatever a job calls itself is data, control characters are shown, not obeyed.</summary>
    public static void Row(Table table, params string?[] cells) => table.AddRow(cells.Select(cell => new Text(Plain(cell ?? ""))));

    /// <summary>A time for people.</summary>
    public static string Time(DateTimeOffset? time) => time is { } t ? t.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "";

    /// <summary>A size for people: rounded, with a binary unit.</summary>
    public static string Size(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1024 && unit < Units.Length - 1)
            (value, unit) = (value / 1024, unit + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#}{Units[unit]}");
    }

    /// <summary>A time with milliseconds, for operations.</summary>
    public static string FineTime(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>Replaces control characters and those that turn a line around, so that no text moves the cursor, colours the terminal or stands where it does not belong.</summary>
    public static string Plain(string text)
    {
        if (!text.Any(HiddenCharacters.Moves))
            return text;
        var plain = new StringBuilder(text.Length);
        foreach (var c in text)
            plain.Append(c == '\n' ? "\\n" : c == '\t' ? " " : HiddenCharacters.Moves(c) ? "·" : c.ToString());
        return plain.ToString();
    }

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected)
            console.Profile.Width = PipeColumns;
        return console;
    }
}
