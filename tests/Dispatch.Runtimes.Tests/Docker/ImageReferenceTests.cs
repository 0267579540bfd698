using Dispatch.Runtimes.Docker;

namespace Dispatch.Runtimes.Tests.Docker;

public sealed class ImageReferenceTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("busybox", "busybox:latest")]
    [InlineData("library/busybox", "busybox:latest")]
    [InlineData("docker.io/library/busybox:1", "busybox:1")]
    [InlineData("docker.io/me/tool", "me/tool:latest")]
    [InlineData("127.0.0.1:5999/a/b_c__d--e.f:V.1-x", "127.0.0.1:5999/a/b_c__d--e.f:V.1-x")]
    [InlineData("localhost/a", "localhost/a:latest")]
    [InlineData("localhost:5000/a", "localhost:5000/a:latest")]
    [InlineData("Registry.Example.com/a", "Registry.Example.com/a:latest")]
    [InlineData("myhost:5000/a", "myhost:5000/a:latest")]
    [InlineData("[::1]:5000/a:1", "[::1]:5000/a:1")]
    [InlineData("a@" + Digest, "a@" + Digest)]
    [InlineData("a:1@" + Digest, "a@" + Digest)]
    public void A_reference_is_read_as_the_engine_reads_it(string text, string name)
    {
        Assert.True(ImageReference.TryParse(text, out var reference));
        Assert.Equal(name, reference.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("a:")]
    [InlineData("a:b:c")]
    [InlineData("a/")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("a?b=c")]
    [InlineData("a#b")]
    [InlineData("a\n")]
    [InlineData("-a")]
    [InlineData("a@sha256:12")]
    [InlineData("a@md5:12")]
    [InlineData("host:port/a")]
    public void What_is_no_reference_is_refused(string text) => Assert.False(ImageReference.TryParse(text, out _));

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void A_tag_has_at_most_128_characters(int length, bool valid) => Assert.Equal(valid, ImageReference.TryParse("a:" + new string('t', length), out _));

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_repository_has_at_most_255_characters(int length, bool valid) => Assert.Equal(valid, ImageReference.TryParse(new string('a', length), out _));

    [Fact]
    public void The_digest_of_the_asked_repository_is_found_among_others()
    {
        Assert.True(ImageReference.TryParse("docker.io/library/a:1", out var reference));

        Assert.Equal("sha256:2", reference.DigestAmong(["b@sha256:1", "a@sha256:2"]));
        Assert.Null(reference.DigestAmong(["127.0.0.1:1/a@sha256:1"]));
    }
}
