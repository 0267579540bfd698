using Npgsql;

namespace Dispatch.Registry.Postgres.Running;

/// <summary>The answers of a batch, one after the other.</summary>
/// <param name="reader">What was answered.</param>
/// <param name="cancellationToken">Ends reading.</param>
internal sealed class BatchAnswers(NpgsqlDataReader reader, CancellationToken cancellationToken)
{
    private bool begun;

    /// <summary>Passes over a statement's answer.</summary>
    public async Task SkipAsync()
    {
        if (begun && !await reader.NextResultAsync(cancellationToken).ConfigureAwait(false)) throw new InvalidOperationException("A statement of the batch has no answer.");
        begun = true;
    }

    /// <summary>Reads the rows of a statement.</summary>
    public async Task<List<T>> NextAsync<T>(Func<NpgsqlDataReader, T> read)
    {
        await SkipAsync().ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) rows.Add(read(reader));
        return rows;
    }
}
