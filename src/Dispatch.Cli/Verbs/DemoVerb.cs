using System.CommandLine;
using Dispatch.Cli.Demo;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch demo</c>: four jobs and what becomes of them, in under a minute.</summary>
internal static class DemoVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("demo", "Watch four jobs survive what happens to their workers");
        command.SetAction(async (_, token) =>
        {
            await using (var story = new DemoStory())
                await story.TellAsync(token).ConfigureAwait(false);
            DemoStory.Farewell();
            return ExitCodes.Success;
        });
        return command;
    }
}
