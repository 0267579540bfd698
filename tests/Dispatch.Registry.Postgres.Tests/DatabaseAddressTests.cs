using Npgsql;

namespace Dispatch.Registry.Postgres.Tests;

public sealed class DatabaseAddressTests
{
    [Theory]
    [InlineData("postgres://u:p%40@h:6/d", GssEncryptionMode.Disable)]
    [InlineData("Host=h;Port=6;Username=u;Password=p@;Database=d", GssEncryptionMode.Disable)]
    [InlineData("postgres://u:p%40@h:6/d?gssencmode=prefer", GssEncryptionMode.Prefer)]
    [InlineData("Host=h;Port=6;Username=u;Password=p@;Database=d;GSS Encryption Mode=Require", GssEncryptionMode.Require)]
    public void Kerberos_is_tried_where_the_address_asks_for_it(string text, GssEncryptionMode mode)
    {
        var address = DatabaseAddress.Parse(text);
        var read = new NpgsqlConnectionStringBuilder(address.ConnectionString);
        Assert.Equal((mode, "h", 6, "u", "p@", "d"), (read.GssEncryptionMode, read.Host, read.Port, read.Username, read.Password, read.Database));
        Assert.Equal("d at h:6", address.Name);
    }
}
