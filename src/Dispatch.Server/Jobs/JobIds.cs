namespace Dispatch.Server.Jobs;

/// <summary>Makes ids for jobs that were submitted without one: they sort by time.</summary>
internal static class JobIds
{
    private const string Digits = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>A new id: a version 7 UUID (RFC 9562) in 26 base-32 digits.</summary>
    public static string Next(TimeProvider time)
    {
        var value = new System.Numerics.BigInteger(Guid.CreateVersion7(time.GetUtcNow()).ToByteArray(bigEndian: true), isUnsigned: true, isBigEndian: true);
        return string.Create(26, value, (digits, rest) =>
        {
            for (var at = digits.Length - 1; at >= 0; at--)
            {
                digits[at] = Digits[(int)(rest & 31)];
                rest >>= 5;
            }
        });
    }
}
