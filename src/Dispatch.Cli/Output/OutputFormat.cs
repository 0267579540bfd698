namespace Dispatch.Cli.Output;

/// <summary>How a verb shows what it found.</summary>
internal enum OutputFormat
{
    /// <summary>Tables for people.</summary>
    Table,

    /// <summary>One JSON document for programs.</summary>
    Json,
}
