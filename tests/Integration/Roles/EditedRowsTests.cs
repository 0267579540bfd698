using Dispatch.Contracts.Http;
using Dispatch.Contracts.Runs;
using Postgres.Fixture;

namespace Dispatch.Integration.Tests.Roles;

/// <summary>Somebody edits the registry's rows by hand while jobs run.</summary>
[Collection(RolesCollection.Name)]
public sealed class EditedRowsTests(PostgresFixture postgres)
{
    /// <summary>Longer than two renewals.</summary>
    private const string Counts = """{"process":["sh","-c","i=1; while [ $i -le 40 ]; do echo line $i; i=$((i+1)); sleep 0.3; done; exit 4"]}""";
    private const string EndsInOrder = """{"process":["sh","-c","trap 'exit 7' TERM; echo up; while :; do sleep 0.1; done"]}""";

    [Theory]
    [InlineData("DELETE FROM dispatch.job WHERE job = 'counts'")]
    [InlineData("DELETE FROM dispatch.lease WHERE job = 'counts'; DELETE FROM dispatch.job WHERE job = 'counts'")]
    [InlineData("DELETE FROM dispatch.attempt WHERE job = 'counts'")]
    public async Task A_job_that_the_registry_has_forgotten_runs_on_and_closes_with_its_own_outcome(string sql)
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        await stack.StartWorkflowsAsync();
        await stack.StartServerAsync("one");
        await stack.StartWorkerAsync("ada");
        var jobs = stack.Jobs("one");
        var job = await jobs.SubmitAsync(Counts, "counts");
        await jobs.UntilOutAsync(job, "line 3\n");

        await PostgresServer.ExecuteAsync(stack.Database, sql);

        var view = await jobs.EndAsync(job);
        Assert.Equal((TerminationReason.WorkloadExited, 4, 1), (view.Reason!.Value, view.ExitCode!.Value, view.Report!.AttemptsUsed));
        Assert.EndsWith("line 40\n", await jobs.OutAsync(job), StringComparison.Ordinal);
        await stack.NothingLeftAsync(jobs);
    }

    [Fact]
    public async Task A_job_whose_rows_contradict_themselves_is_marked_and_stopped_and_its_rows_are_taken_out_while_the_others_go_on()
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        await stack.StartWorkflowsAsync();
        await stack.StartServerAsync("one");
        await stack.StartWorkerAsync("ada", "--slots", "2", "--cpu", "4");
        var jobs = stack.Jobs("one");
        var (broken, whole) = (await jobs.SubmitAsync(EndsInOrder, "broken"), await jobs.SubmitAsync(EndsInOrder, "whole"));
        await Task.WhenAll(jobs.UntilOutAsync(broken, "up\n"), jobs.UntilOutAsync(whole, "up\n"));

        await PostgresServer.ExecuteAsync(stack.Database, "DELETE FROM dispatch.lease WHERE job = 'broken'");

        var listed = (await jobs.GetAsync<JobPage>(ApiPaths.Jobs)).Jobs.ToDictionary(view => view.Id);
        Assert.Contains("of job broken contradict themselves", listed[broken].RowsBroken, StringComparison.Ordinal);
        Assert.Null(listed[whole].RowsBroken);
        var list = await stack.CliAsync("list");
        Assert.Matches(@"broken +Sent \(!\) ", list.Ok());
        Assert.Contains("stop the job", list.Error, StringComparison.Ordinal);
        Assert.Contains("table lease has nobody", (await stack.CliAsync("get", "broken")).Ok().ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("table lease has nobody", (await stack.CliAsync("why", "broken")).Ok().ReplaceLineEndings(" "), StringComparison.Ordinal);

        await PostgresServer.ExecuteAsync(stack.Database, "CREATE TABLE kept AS SELECT labels FROM dispatch.worker_start; UPDATE dispatch.worker_start SET labels = '{\"a\":{\"b\":1}}'");
        var workers = await stack.CliAsync("workers", "list");
        Assert.Matches(@"ada +NotReady \(!\)", workers.Ok());
        Assert.Contains("column labels of table worker_start, at a, is", workers.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Matches(@"ada +NotReady \(!\)", (await stack.CliAsync("workers", "get", "ada")).Ok());
        await PostgresServer.ExecuteAsync(stack.Database, "UPDATE dispatch.worker_start SET labels = (SELECT labels FROM kept)");

        await jobs.StopAsync(broken);
        var view = await jobs.EndAsync(broken);
        Assert.Equal((TerminationReason.Cancelled, 7, 1), (view.Reason!.Value, view.ExitCode!.Value, view.Report!.AttemptsUsed));
        await PostgresServer.ExecuteAsync(stack.Database, "DELETE FROM dispatch.job WHERE job = 'broken'");

        await jobs.StopAsync(whole);
        Assert.Equal(7, (await jobs.EndAsync(whole)).ExitCode);
        await stack.NothingLeftAsync(jobs);
    }
}
