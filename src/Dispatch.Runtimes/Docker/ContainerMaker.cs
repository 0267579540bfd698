using Dispatch.Contracts.Errors;
using Microsoft.Extensions.Logging;

namespace Dispatch.Runtimes.Docker;

/// <summary>Makes containers out of plans. What an image is and has is asked once: neither changes under an image's id.</summary>
internal sealed partial class ContainerMaker(
    EngineConnection engine, EngineContainers containers, ImageStore images, FreshContainers fresh, DockerRuntimeOptions options, ILogger logger)
{
    private readonly CommandLookup _commands = new(engine);
    private readonly KnownCommands _known = new();
    private readonly SharedWork<EngineFacts> _learning = new();
    private EngineFacts? _facts;

    /// <summary>Asks the engine what it is and can do; all who ask meanwhile wait for one answer.</summary>
    public Task<EngineFacts> LearnAsync(CancellationToken cancellationToken) => _learning.JoinAsync(
        "facts", async token => _facts = await EngineFacts.AskAsync(engine, _facts, token).ConfigureAwait(false), cancellationToken);

    /// <summary>Makes the container, or finds the one that an earlier call made.</summary>
    /// <exception cref="RuntimeException">It cannot be made; nothing is left of it.</exception>
    public async Task<MadeContainer> MakeAsync(ContainerPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Image is not { } name)
            throw StartErrors.Failed($"container {plan.Name} has no image", null);
        if (PlanLimits.Broken(plan, PlanLimits.StringBytesMax) is { } broken)
            throw broken;

        var facts = _facts ?? await LearnAsync(cancellationToken).ConfigureAwait(false);
        if (facts.Dialect.Broken(plan, facts) is { } refused)
            throw refused;
        MadeContainer made;
        if (images.KnownId(plan.ImageDigest) is not { } known)
        {
            made = await MakeAsync(plan, await ResolveAsync(name, plan, cancellationToken).ConfigureAwait(false), facts, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            try
            {
                made = await MakeAsync(plan, known, facts, cancellationToken).ConfigureAwait(false);
            }
            catch (RuntimeException error) when (error.Code == ErrorCode.ImageNotFound)
            {
                // Removed since it was last seen: whether it is there again, under whatever id, only the engine knows.
                images.Forget(plan.ImageDigest);
                made = await MakeAsync(plan, await ResolveAsync(name, plan, cancellationToken).ConfigureAwait(false), facts, cancellationToken).ConfigureAwait(false);
            }
        }

        fresh.Keep(made.Id, plan.Stdin);
        return made;
    }

    /// <summary>Makes sure that a made container has its command, where the engine would not tell by itself.</summary>
    /// <exception cref="RuntimeException"><c>StartFailed</c> where it has not; the container is there all the same.</exception>
    public async Task VerifyAsync(ContainerPlan plan, MadeContainer made, CancellationToken cancellationToken)
    {
        if (made.IsNew && _known.Find(plan, made) is { } known)
        {
            // Where the engine keeps its output is told by the engine only.
            if (!engine.Dialect.LogIsReadableFile)
                Keep(known);
            return;
        }

        if (await containers.FindAsync(made.Id, cancellationToken).ConfigureAwait(false) is not { } container || ExitFacts.WasStarted(container.State))
            return;
        if (container.HasInit)
            _known.Add(plan, made, container, await _commands.VerifyAsync(container, cancellationToken).ConfigureAwait(false));
        if (made.IsNew)
            Keep(container);
    }

    /// <summary>Keeps the account of a new container, and attaches while its start is being prepared, where that does nothing else.</summary>
    private void Keep(EngineContainer container)
    {
        fresh.Keep(container);
        if (!engine.Dialect.AttachingPrepares)
            fresh.Keep(container.Id, containers.AttachAsync(container, CancellationToken.None));
    }

    private async Task<string> ResolveAsync(string name, ContainerPlan plan, CancellationToken cancellationToken) =>
        await images.ResolveAsync(name, plan.ImageDigest, cancellationToken).ConfigureAwait(false)
        ?? throw new RuntimeException(ErrorCode.ImageNotFound, $"Image '{name}' is not on this host. Pull it first.");

    private async Task<MadeContainer> MakeAsync(ContainerPlan plan, string imageId, EngineFacts facts, CancellationToken cancellationToken)
    {
        try
        {
            var (id, isNew) = await containers.MakeAsync(plan.Name, ContainerRequest.From(plan, imageId, facts, options), cancellationToken).ConfigureAwait(false);
            return new MadeContainer(id, imageId, isNew);
        }
        catch (RuntimeException error) when (facts.HasInit && facts.Dialect.LacksInit(error.Message))
        {
            _facts = facts with { HasInit = false };
            LogNoInit(facts.Dialect.Product, facts.Dialect.InitBinary);
            return await MakeAsync(plan, imageId, _facts, cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(2122, LogLevel.Warning, "{Product} has no init binary ({InitBinary}): containers run without one, orphans are not reaped and a shell as main process ignores SIGTERM")]
    private partial void LogNoInit(string product, string initBinary);
}
