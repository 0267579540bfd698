using System.Globalization;
using System.Net;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>
/// What differs between the engines that speak Docker's API, each difference one member. The base is Docker itself; an engine that says of itself that
/// it is another one gets its own dialect.
/// </summary>
internal class EngineDialect
{
    /// <summary>Docker's own.</summary>
    public static readonly EngineDialect Docker = new();

    /// <summary>The runtime's name on this engine, as workers register it.</summary>
    public virtual string Name => "docker";

    /// <summary>The engine's name for people.</summary>
    public virtual string Product => "Docker";

    /// <summary>Whether what hinders a start may show when attaching already, because attaching prepares the container.</summary>
    public virtual bool AttachingPrepares => false;

    /// <summary>Whether the engine reports that the kernel killed for memory; else the kernel is asked.</summary>
    public virtual bool ReportsOutOfMemory => true;

    /// <summary>
    /// Whether its events tell the end of a container as soon as its process has ended and its output is out; waits are answered after its remains are
    /// cleared away.
    /// </summary>
    public virtual bool TellsEndsEarly => true;

    /// <summary>Whether what the engine reads from its log may lack the newlines of long lines; see <see cref="LeftOutNewlines"/>.</summary>
    public virtual bool LeavesOutNewlines => true;

    /// <summary>Whether the engine's log of a container is a file that this process can read by itself, which is then preferred to asking the engine.</summary>
    public virtual bool LogIsReadableFile => false;

    /// <summary>The dialect of an engine, from its answer to the question for its version.</summary>
    /// <param name="version">The answer.</param>
    /// <returns>Podman's where Podman answers, else Docker's.</returns>
    public static EngineDialect Of(VersionResponse version) =>
        version.Components?.Any(component => component.Name == PodmanDialect.Component) == true ? PodmanDialect.Instance : Docker;

    /// <summary>The status that Docker would have answered a refused request with.</summary>
    /// <param name="status">The status that came.</param>
    /// <param name="message">The words that came with it.</param>
    /// <returns>Docker's status.</returns>
    public virtual HttpStatusCode Status(HttpStatusCode status, string message) => status;

    /// <summary>Whether a fault says no more than that a container's process ended while the engine looked at it: asked again, it answers.</summary>
    /// <param name="message">The words that came with it.</param>
    /// <returns>True where it is to be asked again.</returns>
    public virtual bool EndedWhileLookedAt(string message) => false;

    /// <summary>What an answered wait says.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>The exit code; or that the container is gone; or, with neither, that the wait itself failed and is to be taken up again.</returns>
    public virtual (int? Code, bool Gone) Ended(ContainerWaitResponse answer) => ((int)answer.StatusCode, false);

    /// <summary>
    /// How long after a kill by somebody else its removal may still not show: an engine that removes a running container by first killing it and only
    /// then marking it as going answers both the wait and a look in between. Docker marks it first.
    /// </summary>
    public virtual TimeSpan RemovalShowsWithin => TimeSpan.Zero;

    /// <summary>An id that stays the same as long as the engine keeps its containers.</summary>
    /// <param name="info">The engine's account of itself.</param>
    /// <returns>The id.</returns>
    public virtual string EngineId(SystemInfoResponse info) => info.ID;

    /// <summary>Whether the engine puts an init process into containers that ask for one.</summary>
    /// <param name="info">The engine's account of itself.</param>
    /// <returns>True where it does, as far as it tells beforehand.</returns>
    // Docker runs its init binary once to learn its version and says N/A where that failed.
    public virtual bool HasInit(SystemInfoResponse info) => !string.IsNullOrEmpty(info.InitBinary) && info.InitCommit?.ID != "N/A";

    /// <summary>The init binary's usual name.</summary>
    public virtual string InitBinary => "docker-init";

    /// <summary>The first word of what a container is to execute, the init process left out.</summary>
    /// <param name="shown">The engine's account of the container.</param>
    /// <returns>The word; empty where there is none.</returns>
    public virtual string Command(ContainerInspectResponse shown) => shown.Path ?? "";

    /// <summary>Whether a refusal says that the engine, against <see cref="HasInit"/>, has no init binary.</summary>
    /// <param name="message">The refusal's words.</param>
    /// <returns>True where it says so.</returns>
    public virtual bool LacksInit(string message) => false;

    /// <summary>The log driver that keeps every byte as it was written.</summary>
    public virtual string ExactLog => "local";

    /// <summary>How the engine is to keep a container's output.</summary>
    /// <param name="exact">Whether the engine has <see cref="ExactLog"/>.</param>
    /// <param name="fileBytesMax">Most bytes of one of its files.</param>
    /// <returns>Driver and settings.</returns>
    public virtual LogConfig Log(bool exact, long fileBytesMax)
    {
        var settings = new Dictionary<string, string> { ["max-size"] = fileBytesMax.ToString(CultureInfo.InvariantCulture), ["max-file"] = "2" };
        if (exact)
            settings["compress"] = "false";

        // The local driver keeps bytes as they are; json-file puts U+FFFD in place of what is not UTF-8.
        return new LogConfig { Type = exact ? ExactLog : "json-file", Config = settings };
    }

    /// <summary>Whether a transfer's progress says that the newest image was there already.</summary>
    public virtual bool TellsUpToDate => true;

    /// <summary>How the engine comes by an image for which its registry wants a login. Docker's daemon keeps none, and Dispatch gives it none.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="image">The image.</param>
    /// <returns>What to do, without a full stop.</returns>
    public virtual string Login(string registry, string image) =>
        $"Docker keeps no logins, so fetch it on each worker's host (`docker login {registry}`, `docker pull {image}`), with pullPolicy ifNotPresent or never";

    /// <summary>The names under which an image may be on the host, the likeliest first.</summary>
    /// <param name="reference">The image asked for.</param>
    /// <returns>Names for the engine.</returns>
    public virtual IEnumerable<string> LocalNames(ImageReference reference) => [reference.Name];

    /// <summary>What the engine would let pass though it cannot give it.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="facts">The engine.</param>
    /// <returns>Why the plan cannot be started, or null.</returns>
    public virtual RuntimeException? Broken(ContainerPlan plan, EngineFacts facts) => null;
}
