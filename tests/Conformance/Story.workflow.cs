using System.Text.Json;
using System.Text.Json.Serialization;
using Temporalio.Activities;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Dispatch.Conformance;

/// <summary>What the workflow Echo returns.</summary>
public sealed record EchoResult([property: JsonPropertyName("input")] JsonElement Input, [property: JsonPropertyName("text")] string Text);

/// <summary>The activity of the recorded story.</summary>
public static class StoryActivities
{
    /// <summary>Says what it hears.</summary>
    [Activity("Say")]
    public static string Say(string text) => $"said {text}";
}

/// <summary>Says the text of its input by an activity, and returns both.</summary>
[Workflow("Echo")]
public sealed class Echo
{
    /// <summary>Runs the workflow.</summary>
    [WorkflowRun]
    public async Task<EchoResult> RunAsync(JsonElement value)
    {
        var text = value.TryGetProperty("text", out var given) ? given.GetString()! : "";
        var said = await Workflow.ExecuteActivityAsync(
            () => StoryActivities.Say(text), new() { StartToCloseTimeout = TimeSpan.FromSeconds(5) });
        return new EchoResult(value, said);
    }
}

/// <summary>Collects notes until it is told the last one.</summary>
[Workflow("Waiting")]
public sealed class Waiting
{
    private readonly List<string> notes = [];
    private bool done;

    /// <summary>The notes so far.</summary>
    [WorkflowQuery("Notes")]
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Runs the workflow.</summary>
    [WorkflowRun]
    public async Task<IReadOnlyList<string>> RunAsync(JsonElement? value = null)
    {
        _ = value;
        await Workflow.WaitConditionAsync(() => done);
        return notes;
    }

    /// <summary>Takes a note.</summary>
    [WorkflowSignal("Note")]
    public Task NoteAsync(string text)
    {
        notes.Add(text);
        return Task.CompletedTask;
    }

    /// <summary>Takes the last note.</summary>
    [WorkflowUpdate("Finish")]
    public Task<int> FinishAsync(string text)
    {
        notes.Add(text);
        done = true;
        return Task.FromResult(notes.Count);
    }

    /// <summary>Refuses an empty last note.</summary>
    [WorkflowUpdateValidator(nameof(FinishAsync))]
    public void CheckFinish(string text)
    {
        if (text.Length == 0)
        {
            throw new ApplicationFailureException("text must not be empty", errorType: "ValueError");
        }
    }
}
