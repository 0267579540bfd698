using System.Net;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>The engine's images: whether one is there, and fetching it as its policy says.</summary>
internal sealed class ImageStore(EngineConnection engine, DockerRuntimeOptions options) : IDisposable
{
    /// <summary>Most images whose id is remembered by digest.</summary>
    public const int KnownMax = 1000;

    private readonly SharedWork<bool> _transfers = new();
    private readonly Remembered<string, string> _ids = new(KnownMax);
    private readonly SemaphoreSlim _room = new(options.ConcurrentPullsMax);

    /// <summary>The image as it is on the host; null where it is not, or where its policy asks for more than that.</summary>
    public async Task<PulledImage?> FindImageAsync(ImagePull pull, CancellationToken cancellationToken)
    {
        if (!ImageReference.TryParse(pull.Image, out var reference))
            throw PullErrors.InvalidReference(pull.Image);
        return pull.Policy is PullPolicy.IfNotPresent or PullPolicy.Never && await FindAsync(reference, cancellationToken).ConfigureAwait(false) is { } present
            ? Describe(pull.Image, reference, present, transferred: false)
            : null;
    }

    public async Task<PulledImage> PullAsync(ImagePull pull, CancellationToken cancellationToken)
    {
        if (!ImageReference.TryParse(pull.Image, out var reference))
            throw PullErrors.InvalidReference(pull.Image);
        if (await FindImageAsync(pull, cancellationToken).ConfigureAwait(false) is { } there)
            return there;
        if (pull.Policy == PullPolicy.Never)
            throw new RuntimeException(
                ErrorCode.ImageNotFound,
                $"Image '{pull.Image}' is not on this host and its pull policy is 'never'. Bring it to the host or choose another policy.");

        bool transferred;
        try
        {
            transferred = await _transfers.JoinAsync(reference.Name, token => TransferAsync(pull.Image, reference, token), cancellationToken).ConfigureAwait(false);
        }
        catch (RuntimeException error) when (pull.Policy == PullPolicy.Newer && error.Code is ErrorCode.PullFailed or ErrorCode.ImageNotFound)
        {
            if (await FindAsync(reference, cancellationToken).ConfigureAwait(false) is { } old)
                return Describe(pull.Image, reference, old, transferred: false);
            throw;
        }

        var image = await FindAsync(reference.Name, cancellationToken).ConfigureAwait(false)
            ?? throw PullErrors.From(pull.Image, HttpStatusCode.OK, "it was removed right after it had been fetched", EngineDialect.Docker);
        return Describe(pull.Image, reference, image, transferred);
    }

    /// <summary>The engine's id of the image with a digest, as it was when last looked at: the image may have been removed since.</summary>
    public string? KnownId(string? digest) => digest is not null && _ids.TryGet(digest, out var id) ? id : null;

    /// <summary>Forgets an image that is no longer there.</summary>
    public void Forget(string? digest)
    {
        if (digest is not null)
            _ids.Forget(digest);
    }

    /// <summary>The engine's id of the image to run: by digest where one is known, so that a tag that moves meanwhile changes nothing.</summary>
    public async Task<string?> ResolveAsync(string image, string? digest, CancellationToken cancellationToken) =>
        (await LookAsync(image, digest, cancellationToken).ConfigureAwait(false))?.ID;

    public void Dispose() => _room.Dispose();

    private async Task<ImageInspectResponse?> LookAsync(string image, string? digest, CancellationToken cancellationToken)
    {
        if (!ImageReference.TryParse(image, out var reference))
            throw PullErrors.InvalidReference(image);
        if (digest is null)
            return await FindAsync(reference, cancellationToken).ConfigureAwait(false);
        if (!ImageReference.TryParse($"{reference.Repository}@{digest}", out var exact))
            throw PullErrors.InvalidReference($"{image}@{digest}");
        return await FindAsync(exact, cancellationToken).ConfigureAwait(false) ?? await FindAsync(digest, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ImageInspectResponse?> FindAsync(ImageReference reference, CancellationToken cancellationToken)
    {
        foreach (var name in (await engine.LearnDialectAsync(cancellationToken).ConfigureAwait(false)).LocalNames(reference))
        {
            if (await FindAsync(name, cancellationToken).ConfigureAwait(false) is { } found)
                return found;
        }

        return null;
    }

    private Task<ImageInspectResponse?> FindAsync(string name, CancellationToken cancellationToken) =>
        engine.FindAsync($"look for image {name}", token => engine.Client.Images.InspectImageAsync(name, token), cancellationToken);

    private async Task<bool> TransferAsync(string image, ImageReference reference, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var dialect = await engine.LearnDialectAsync(cancellationToken).ConfigureAwait(false);
            var before = dialect.TellsUpToDate ? null : await FindAsync(reference.Name, cancellationToken).ConfigureAwait(false);
            using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var progress = new PullProgress(options.PullMessagesMax, broken.Cancel);
            var what = new ImagesCreateParameters { FromImage = reference.Repository, Tag = reference.Digest ?? reference.Tag };
            try
            {
                await engine.AskAsync(
                    $"fetch image {image}",
                    token => engine.Client.Images.CreateImageAsync(what, null, progress, token), broken.Token, options.PullTimeout).ConfigureAwait(false);
            }
            catch (DockerApiException error)
            {
                throw PullErrors.From(image, error.StatusCode, EngineConnection.MessageOf(error), dialect, error);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Broken off for the reason that the progress holds.
            }

            if (progress.Error is { } said)
                throw PullErrors.From(image, HttpStatusCode.OK, said, dialect);
            if (dialect.TellsUpToDate)
                return !progress.UpToDate;
            return (await FindAsync(reference.Name, cancellationToken).ConfigureAwait(false))?.ID != before?.ID;
        }
        finally
        {
            _room.Release();
        }
    }

    private PulledImage Describe(string image, ImageReference reference, ImageInspectResponse found, bool transferred)
    {
        var digest = reference.Digest ?? reference.DigestAmong(found.RepoDigests ?? []) ?? found.ID;
        _ids.Add(digest, found.ID);
        return new(image, digest, transferred);
    }
}
