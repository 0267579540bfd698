using System.Security.Cryptography;

namespace Dispatch.Contracts.Jobs;

/// <summary>The digest by which specs are compared: two specs that wish the same have the same.</summary>
public static class SpecDigest
{
    /// <summary>The digest of a spec.</summary>
    /// <param name="spec">The spec.</param>
    /// <returns><c>sha256:</c> and 64 hexadecimal digits, of the canonical form.</returns>
    public static string Of(JobSpec spec) => Of(JobSpecWriter.Write(spec));

    /// <summary>The digest of a spec that is written already.</summary>
    /// <param name="canonicalJson">What <see cref="JobSpecWriter.Write"/> returned.</param>
    /// <returns>The same as of the spec itself.</returns>
    public static string Of(ReadOnlySpan<byte> canonicalJson) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(canonicalJson));
}
