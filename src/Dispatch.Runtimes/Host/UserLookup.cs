using System.Globalization;

namespace Dispatch.Runtimes.Host;

/// <summary>Turns <c>name</c>, <c>number</c>, <c>name:group</c> and the like into numbers, from <c>/etc/passwd</c> and <c>/etc/group</c>.</summary>
internal static class UserLookup
{
    /// <summary>Looks a user up; a number need not be in any file.</summary>
    /// <param name="user">What the plan says.</param>
    /// <param name="passwd">The lines of <c>/etc/passwd</c>.</param>
    /// <param name="group">The lines of <c>/etc/group</c>.</param>
    /// <param name="problem">What is wrong, where nothing is returned.</param>
    internal static Credentials? Find(string user, IReadOnlyList<string> passwd, IReadOnlyList<string> group, out string problem)
    {
        problem = "";
        var colon = user.IndexOf(':', StringComparison.Ordinal);
        var (name, groupName) = colon < 0 ? (user, null) : (user[..colon], user[(colon + 1)..]);
        var isNumber = uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var uid);
        var line = passwd.Select(text => text.Split(':')).FirstOrDefault(fields => fields.Length >= 4 && (isNumber ? fields[2] == Text(uid) : fields[0] == name));
        if (name.Length == 0 || (line is null && !isNumber))
        {
            problem = $"no user '{name}' in /etc/passwd";
            return null;
        }

        uid = isNumber ? uid : uint.Parse(line![2], CultureInfo.InvariantCulture);
        var gid = line is null ? 0 : uint.Parse(line[3], CultureInfo.InvariantCulture);
        if (groupName is not null && !TryGroup(groupName, group, out gid))
        {
            problem = $"no group '{groupName}' in /etc/group";
            return null;
        }

        var groups = new List<uint> { gid };
        foreach (var fields in group.Select(text => text.Split(':')).Where(fields => fields.Length >= 4 && line is not null && groupName is null))
        {
            if (fields[3].Split(',').Contains(line![0]) && uint.TryParse(fields[2], CultureInfo.InvariantCulture, out var more) && !groups.Contains(more))
            {
                groups.Add(more);
            }
        }

        return new Credentials(uid, gid, groups);
    }

    private static bool TryGroup(string name, IReadOnlyList<string> group, out uint gid)
    {
        if (uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out gid))
        {
            return true;
        }

        var line = group.Select(text => text.Split(':')).FirstOrDefault(fields => fields.Length >= 3 && fields[0] == name);
        return line is not null && uint.TryParse(line[2], CultureInfo.InvariantCulture, out gid);
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
