using System.Text;
using System.Text.Json;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;

namespace Dispatch.Contracts.Tests.Http;

public class HttpRecordsTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Output_travels_as_base64_and_comes_back_byte_for_byte()
    {
        var bytes = Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();
        var shipment = new LogShipment { Key = new(new("j/1"), new("c"), 2), Pieces = [new(OutputStream.Stderr, 7, Time, bytes)], Complete = true };
        var read = Again(shipment);
        Assert.Equal(shipment.Key, read.Key);
        Assert.True(read.Complete);
        var piece = Assert.Single(read.Pieces);
        Assert.Equal((OutputStream.Stderr, 7L, Time), (piece.Stream, piece.Offset, piece.Time));
        Assert.Equal(bytes, piece.Bytes.ToArray());

        var fromEvent = Again(LogEvent.Of(2, piece)).ToPiece();
        Assert.Equal(bytes, fromEvent.Bytes.ToArray());
        Assert.Equal(263, fromEvent.End);
        Assert.Throws<FormatException>(() => new LogEvent { Attempt = 1 }.ToPiece());
    }

    [Fact]
    public void Positions_come_back_as_they_were()
    {
        var answer = new LogAppended(new(new(1, 2), new(3, 4), true), Gap: true);
        Assert.Equal(answer, Again(answer));
    }

    [Fact]
    public void A_job_is_shown_in_camel_case_with_names_for_states_and_no_nulls()
    {
        using var spec = JsonDocument.Parse("""{"image":"a"}""");
        var view = new JobView
        {
            Id = new("j1"),
            Conversation = new("c1"),
            RunId = "r1",
            State = JobState.Running,
            Pool = "default",
            QueuedAt = Time,
            Spec = spec.RootElement,
            Report = new() { Job = new("j1"), Conversation = new("c1"), Reason = TerminationReason.WorkloadExited, Outcome = new() { Code = 3 } },
        };
        var json = Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(view, DispatchJson.Options));
        Assert.Contains("\"state\":\"Running\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("null", json, StringComparison.Ordinal);
        var read = Again(view);
        Assert.Equal((view.Id, view.State, 3), (read.Id, read.State, read.Report!.Outcome.Code));
    }

    [Fact]
    public void A_submission_keeps_its_spec_as_it_was_written()
    {
        var submission = JsonSerializer.Deserialize<JobSubmission>("""{"id":"j","spec":{"image":"a","image":"b"}}""", DispatchJson.Options)!;
        Assert.Equal("image", Assert.Single(Contracts.Jobs.JobSpecReader.Read(submission.Spec).Errors).Field);
        Assert.NotEmpty(Contracts.Jobs.JobSpecReader.Read(JsonSerializer.Deserialize<JobSubmission>("{}", DispatchJson.Options)!.Spec).Errors);
    }

    [Fact]
    public void Workers_pools_reasons_and_commands_come_back_as_they_were()
    {
        var worker = new WorkerView { Id = new("w"), Incarnation = 2, Pool = "p", State = WorkerState.Draining, LastSeen = Time, Capacity = new() { Slots = 3 }, Free = new() };
        Assert.Equal(3, Again(new WorkerPage([worker], "next")).Workers[0].Capacity.Slots);
        var pool = new PoolView { Name = "p", Router = "least-loaded@1", Profile = TimeProfile.Fast, Workers = new Dictionary<WorkerState, int> { [WorkerState.Ready] = 2 } };
        Assert.Equal(2, Again(pool).Workers[WorkerState.Ready]);
        var answer = new PlaceAnswer { Kind = PlaceAnswerKind.Waiting, Attempt = 1, Why = "no room" };
        var why = new WhyView { State = JobState.Queued, AsOf = Time, Recorded = RecordedPlacement.Of(answer, Time), Summary = "waits" };
        Assert.Equal("no room", Again(why).Recorded!.Why);
        var stop = new StopRequest { Mode = StopMode.Now, RequestedBy = "me", Reason = "because", CommandId = "1" };
        Assert.Equal(stop, Again(stop));
    }

    [Theory]
    [InlineData("a b/c?d#e", "/api/v1/jobs/a%20b%2Fc%3Fd%23e/stop")]
    [InlineData("żółć", "/api/v1/jobs/%C5%BC%C3%B3%C5%82%C4%87/stop")]
    public void An_id_is_escaped_in_its_path(string id, string path) => Assert.Equal(path, ApiPaths.Stop(new JobId(id)));

    private static T Again<T>(T value) => JsonSerializer.Deserialize<T>(JsonSerializer.SerializeToUtf8Bytes(value, DispatchJson.Options), DispatchJson.Options)!;
}
