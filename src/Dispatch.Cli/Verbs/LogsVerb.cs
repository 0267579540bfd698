using System.CommandLine;
using Dispatch.Cli.Client;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch logs</c>: what a job printed, to the right streams, byte for byte.</summary>
internal static class LogsVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("logs", "Print what a job printed; -f goes on until it ends");
        var id = CommonOptions.JobId();
        var follow = new Option<bool>("-f", "--follow") { Description = "Go on until the job ends" };
        var stream = new Option<string?>("--stream") { Description = "Only stdout or stderr" }.OneOf(["stdout", "stderr"]);
        var attempt = new Option<int?>("--attempt") { Description = "Only this attempt (all)" }.Checked(OptionChecks.Whole(1));
        var times = new Option<bool>("--timestamps", "-t") { Description = "A time stamp before each line" };
        var server = CommonOptions.Server();
        command.Arguments.Add(id);
        foreach (var option in new Option[] { follow, stream, attempt, times, server })
            command.Options.Add(option);
        command.SetAction(async (parsed, token) =>
        {
            using var client = parsed.Client(server);
            var query = new QueryText().Add("follow", parsed.GetValue(follow) ? "true" : "false").Add("stream", parsed.GetValue(stream))
                .Add("attempt", parsed.GetValue(attempt)?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            var lines = new StampedLines();
            var attempts = new AttemptNote(parsed.Job(id), Screen.Note);
            var patience = new Patience(parsed.Job(id), parsed.GetValue(follow) ? "logs -f" : "logs", Screen.Note, TimeProvider.System);
            await foreach (var piece in client.FollowAsync(parsed.Job(id), query.ToString(), patience, token).ConfigureAwait(false))
            {
                attempts.Saw(piece);
                var target = piece.Stream == "stderr" ? StandardStream.Error : StandardStream.Output;
                var bytes = parsed.GetValue(times) ? lines.Stamp(piece) : piece.Bytes ?? [];
                await target.WriteAsync(bytes, token).ConfigureAwait(false);
            }

            return patience.OutputMissing ? ExitCodes.Failure : ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Puts one time stamp before each line, however the line was cut on its way.</summary>
    private sealed class StampedLines
    {
        private readonly HashSet<(int, string?)> insideLine = [];

        public byte[] Stamp(LogEvent piece)
        {
            var key = (piece.Attempt, piece.Stream);
            var stamp = System.Text.Encoding.ASCII.GetBytes($"{piece.Time?.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} ");
            var bytes = piece.Bytes ?? [];
            var stamped = new MemoryStream(bytes.Length + stamp.Length);
            foreach (var b in bytes)
            {
                if (insideLine.Add(key))
                    stamped.Write(stamp);
                stamped.WriteByte(b);
                if (b == '\n')
                    insideLine.Remove(key);
            }

            return stamped.ToArray();
        }
    }
}
