using System.Security.Cryptography;

namespace Dispatch.Integration.Tests.Stack;

/// <summary>Compares long outputs by length and digest, as the cases give them.</summary>
internal static class Shas
{
    public static void Equal(int length, string sha256, byte[] bytes)
    {
        Assert.Equal(length, bytes.Length);
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }
}
