using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Engines.Fixture;
using Microsoft.AspNetCore.Http;

namespace Dispatch.Runtimes.Tests.Engines;

public abstract class EngineImageTests(TestEngine engine) : EngineTests(engine)
{
    private static int _names;

    private readonly string _name = $"img{Interlocked.Increment(ref _names)}";

    [Fact]
    public async Task An_image_that_is_there_is_not_fetched_and_its_id_is_its_digest()
    {
        var pulled = await PullAsync(TestEngine.Image, PullPolicy.IfNotPresent);

        Assert.False(pulled.Transferred);
        Assert.StartsWith("sha256:", pulled.Digest, StringComparison.Ordinal);
        Assert.Equal(pulled, await PullAsync(TestEngine.Image, PullPolicy.Never));
        Assert.Equal("ran\n", (await RunAsync(Shell("echo ran") with { ImageDigest = pulled.Digest })).Output.StdoutText);
    }

    [Fact]
    public async Task An_image_that_may_not_be_fetched_and_is_not_there_is_not_found()
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(() => PullAsync("nowhere:1", PullPolicy.Never));

        Assert.Equal(ErrorCode.ImageNotFound, error.Code);
        Assert.Contains("nowhere:1", error.Message, StringComparison.Ordinal);
    }

    [Fact, Trait("case", "G23")]
    public async Task G23_a_tag_that_does_not_exist_is_not_found()
    {
        await using var registry = await ImageRegistry.StartAsync();

        var error = await Assert.ThrowsAsync<RuntimeException>(() => PullAsync($"{registry.Host}/missing/img:1"));

        Assert.Equal(ErrorCode.ImageNotFound, error.Code);
        Assert.False(error.IsTransient);
        Assert.Contains("missing/img:1", error.Message, StringComparison.Ordinal);
    }

    [Fact, Trait("case", "G23")]
    public async Task G23_a_registry_that_is_busy_may_be_tried_again()
    {
        await using var registry = await ImageRegistry.StartAsync();
        registry.Intercept = Refuse(503, "/manifests/");

        var error = await Assert.ThrowsAsync<RuntimeException>(() => PullAsync($"{registry.Host}/busy/img:1"));

        Assert.Equal(ErrorCode.PullFailed, error.Code);
        Assert.True(error.IsTransient);
        // The engine asks for the head first; what counts is that it asked for the manifest once.
        Assert.Single(registry.Requests, request => request == "GET /v2/busy/img/manifests/1");
    }

    [Theory]
    [InlineData(401, "Basic realm=\"here\"", "")]
    [InlineData(401, "", "")]
    [InlineData(403, "", "")]
    [InlineData(403, "", """{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}""")]
    [InlineData(401, "Bearer realm=\"http://HOST/token\",service=\"here\"", """{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}""")]
    public async Task A_registry_that_wants_a_login_is_not_asked_again_and_named_with_what_to_do(int status, string challenge, string body)
    {
        await using var registry = await ImageRegistry.StartAsync();
        registry.Intercept = async context =>
        {
            context.Response.StatusCode = status;
            if (challenge.Length > 0)
                context.Response.Headers.WWWAuthenticate = challenge.Replace("HOST", registry.Host, StringComparison.Ordinal);
            await context.Response.WriteAsync(HttpMethods.IsHead(context.Request.Method) ? "" : body);
            return true;
        };

        var error = await Assert.ThrowsAsync<RuntimeException>(() => PullAsync($"{registry.Host}/private/img:1"));

        Assert.Equal((ErrorCode.ImageNotFound, false), (error.Code, error.IsTransient));
        Assert.StartsWith($"Registry {registry.Host} does not let image '{registry.Host}/private/img:1' be read, or has no such image: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("login", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_that_is_not_there_may_be_tried_again()
    {
        string host;
        await using (var registry = await ImageRegistry.StartAsync())
            host = registry.Host;

        Assert.Equal(ErrorCode.PullFailed, (await Assert.ThrowsAsync<RuntimeException>(() => PullAsync($"{host}/img:1"))).Code);
    }

    [Fact]
    public async Task An_image_for_another_platform_is_not_compatible()
    {
        await using var registry = await ImageRegistry.StartAsync();
        registry.AddForeign(_name, "1", registry.Add(_name, "other", await LayerAsync(), architecture: "s390x"));

        Assert.Equal(ErrorCode.ImageNotCompatible, (await Assert.ThrowsAsync<RuntimeException>(() => PullAsync($"{registry.Host}/{_name}:1"))).Code);
    }

    [Theory]
    [InlineData("Upper/Case:1")]
    [InlineData("a:b:c")]
    [InlineData("")]
    [InlineData("x/../../containers/json")]
    [InlineData("x?y=z")]
    [InlineData("name@sha256:12")]
    public async Task A_reference_that_is_none_is_invalid_and_never_sent(string image)
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(() => PullAsync(image, PullPolicy.Always));

        Assert.Equal(ErrorCode.ImageInvalid, error.Code);
    }

    [Fact]
    public async Task A_transfer_that_breaks_in_the_middle_is_an_error_though_it_began_well()
    {
        await using var registry = await ImageRegistry.StartAsync();
        registry.Add(_name, "1", await LayerAsync());
        registry.Corrupt();

        var error = await Assert.ThrowsAsync<RuntimeException>(() => PullAsync($"{registry.Host}/{_name}:1"));

        Assert.Equal(ErrorCode.PullFailed, error.Code);
        Assert.Equal(ErrorCode.ImageNotFound, (await Assert.ThrowsAsync<RuntimeException>(() => PullAsync($"{registry.Host}/{_name}:1", PullPolicy.Never))).Code);
    }

    [Fact]
    public async Task What_was_pulled_is_run_though_its_tag_moves_on()
    {
        await using var registry = await ImageRegistry.StartAsync();
        var image = $"{registry.Host}/{_name}:1";
        var first = registry.Add(_name, "1", await LayerAsync(), "V=first");
        var pulled = await PullAsync(image);
        Assert.Equal((first, true), (pulled.Digest, pulled.Transferred));
        Assert.False((await PullAsync(image, PullPolicy.Always)).Transferred);

        var second = registry.Add(_name, "1", await LayerAsync(), "V=second");
        Assert.Equal(first, (await PullAsync(image)).Digest);
        var newer = await PullAsync(image, PullPolicy.Newer);
        Assert.Equal((second, true), (newer.Digest, newer.Transferred));

        Assert.Equal("first\n", (await RunAsync(Shell("echo $V") with { Image = image, ImageDigest = first })).Output.StdoutText);
        Assert.Equal("second\n", (await RunAsync(Shell("echo $V") with { Image = image, ImageDigest = second })).Output.StdoutText);
        Assert.Equal("second\n", (await RunAsync(Shell("echo $V") with { Image = image })).Output.StdoutText);
    }

    [Fact]
    public async Task Where_the_registry_does_not_answer_the_present_image_serves_the_newer_policy_only()
    {
        await using var registry = await ImageRegistry.StartAsync();
        var image = $"{registry.Host}/{_name}:1";
        var digest = registry.Add(_name, "1", await LayerAsync());
        await PullAsync(image);
        registry.Intercept = Refuse(503, "/v2/");

        Assert.Equal(new PulledImage(image, digest, Transferred: false), await PullAsync(image, PullPolicy.Newer));
        Assert.Equal(ErrorCode.PullFailed, (await Assert.ThrowsAsync<RuntimeException>(() => PullAsync(image, PullPolicy.Always))).Code);
    }

    [Fact, Trait("case", "G24")]
    public async Task G24_eight_who_want_one_image_share_one_transfer()
    {
        await using var registry = await ImageRegistry.StartAsync();
        var release = Hold(registry);
        registry.Add(_name, "1", await LayerAsync());
        var first = PullAsync($"{registry.Host}/{_name}:1");
        await UntilAsync(() => registry.LayersBegun == 1);
        // This policy joins the transfer before the call returns.
        Task<PulledImage>[] pulls = [first, .. Enumerable.Range(0, 7).Select(_ => PullAsync($"{registry.Host}/{_name}:1", PullPolicy.Always))];
        Assert.All(pulls, pull => Assert.False(pull.IsCompleted));
        release.SetResult();

        Assert.Single((await Task.WhenAll(pulls)).Distinct());
        Assert.Equal(1, registry.LayersBegun);
        Assert.Single(registry.Requests, request => request.StartsWith("GET", StringComparison.Ordinal) && request.Contains("/manifests/", StringComparison.Ordinal));
    }

    [Fact, Trait("case", "G24")]
    public async Task G24_one_who_gives_up_leaves_the_others()
    {
        await using var registry = await ImageRegistry.StartAsync();
        var release = Hold(registry);
        registry.Add(_name, "1", await LayerAsync());
        using var first = new CancellationTokenSource();
        var stopped = Runtime.PullAsync(new ImagePull($"{registry.Host}/{_name}:1", PullPolicy.IfNotPresent), first.Token);
        await UntilAsync(() => registry.LayersBegun == 1);
        // This policy joins the transfer before the call returns.
        var others = Enumerable.Range(0, 7).Select(_ => PullAsync($"{registry.Host}/{_name}:1", PullPolicy.Always)).ToArray();

        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        release.SetResult();

        Assert.All(await Task.WhenAll(others), pulled => Assert.True(pulled.Transferred));
        Assert.Equal(1, registry.LayersBegun);
    }

    [Fact]
    public async Task A_transfer_that_nobody_waits_for_any_more_is_ended_and_can_be_begun_anew()
    {
        await using var registry = await ImageRegistry.StartAsync();
        var release = Hold(registry);
        registry.Add(_name, "1", await LayerAsync());
        using var all = new CancellationTokenSource();
        var pulls = Enumerable.Range(0, 3).Select(_ => Runtime.PullAsync(new ImagePull($"{registry.Host}/{_name}:1", PullPolicy.IfNotPresent), all.Token)).ToArray();
        await UntilAsync(() => registry.LayersBegun == 1);

        await all.CancelAsync();
        foreach (var pull in pulls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);

        // The engine has given up the first transfer: another caller begins a second one.
        var anew = PullAsync($"{registry.Host}/{_name}:1");
        await UntilAsync(() => registry.LayersBegun == 2);
        release.SetResult();
        Assert.True((await anew).Transferred);
    }

    private Task<PulledImage> PullAsync(string image, PullPolicy policy = PullPolicy.IfNotPresent) => Runtime.PullAsync(new ImagePull(image, policy), Cancel);

    private static async Task<byte[]> LayerAsync()
    {
        using var layer = await BusyboxImage.BuildAsync();
        return layer.ToArray();
    }

    private static TaskCompletionSource Hold(ImageRegistry registry)
    {
        var release = new TaskCompletionSource();
        registry.HalfWay = cancellationToken => release.Task.WaitAsync(cancellationToken);
        return release;
    }

    private static Func<HttpContext, Task<bool>> Refuse(int status, string part) => context =>
    {
        if (!context.Request.Path.Value!.Contains(part, StringComparison.Ordinal))
            return Task.FromResult(false);
        context.Response.StatusCode = status;
        return Task.FromResult(true);
    };
}
