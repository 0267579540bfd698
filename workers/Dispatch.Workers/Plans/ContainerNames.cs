using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dispatch.Contracts.Ids;

namespace Dispatch.Workers.Plans;

/// <summary>Names of containers: readable, unique by lease, legal for every runtime.</summary>
internal static class ContainerNames
{
    private const int JobCharactersMax = 40;
    private const int LeaseDigits = 12;

    internal static string Of(JobId job, int attempt, LeaseId lease)
    {
        var readable = new StringBuilder(JobCharactersMax);
        foreach (var character in job.Value)
        {
            if (readable.Length == JobCharactersMax)
            {
                break;
            }

            readable.Append(char.IsAsciiLetterOrDigit(character) || character is '.' or '_' ? character : '-');
        }

        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lease.Value)))[..LeaseDigits];
        return string.Create(CultureInfo.InvariantCulture, $"dispatch-{readable}-{attempt}-{digest}");
    }
}
