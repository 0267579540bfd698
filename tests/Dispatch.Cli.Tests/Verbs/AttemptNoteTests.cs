using Dispatch.Cli.Verbs;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Tests.Verbs;

public sealed class AttemptNoteTests
{
    [Fact]
    public void Another_attempt_is_told_once_and_the_first_not_at_all()
    {
        List<string> told = [];
        var note = new AttemptNote(new("job-1"), told.Add);
        foreach (var attempt in new[] { 1, 1, 3, 3, 4 })
            note.Saw(new LogEvent { Attempt = attempt });
        Assert.Equal(
            ["dispatch: what follows is of attempt 3 of job-1, what came before of attempt 1", "dispatch: what follows is of attempt 4 of job-1, what came before of attempt 3"],
            told);
    }
}
