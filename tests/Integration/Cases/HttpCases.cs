using System.Net;
using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Cases;

/// <summary>The HTTP API under many clients.</summary>
[Collection(CaseCollection.Name)]
public sealed class HttpCases(DevFixture fixture) : StackTests(fixture.Stack)
{
    [Fact]
    [Trait("case", "G58")]
    public async Task Twenty_clients_submit_the_same_id_at_once()
    {
        var folder = Stack.NewFolder();
        var body = JobClient.Submission($$"""{"process":["sh","-c","echo x >> {{folder}}/once; sleep 1; exit 6"]}""", "same-1");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Jobs.PostAsync(ApiPaths.Jobs, body)));
        var ended = await Jobs.EndAsync(new("same-1"));
        var late = await Jobs.PostAsync(ApiPaths.Jobs, body);

        Assert.All(answers.Append(late), answer => Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.OK, $"{(int)answer.Status} {answer.Body}"));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        var accepted = answers.Append(late).Select(answer => JsonSerializer.Deserialize<JobAccepted>(answer.Body, DispatchJson.Options)!).ToList();
        Assert.All(accepted, one => Assert.Equal(("same-1", ended.RunId, ended.Conversation), (one.Id.Value, one.RunId, one.Conversation)));
        Assert.Equal(JobState.Closed, accepted[^1].State);
        Assert.Equal(6, (await Jobs.GetAsync(new("same-1"))).ExitCode);
        Assert.Equal("x\n", await File.ReadAllTextAsync($"{folder}/once"));
    }
}
