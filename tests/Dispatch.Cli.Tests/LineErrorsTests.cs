namespace Dispatch.Cli.Tests;

public sealed class LineErrorsTests
{
    [Theory]
    [InlineData("workflows --profile slow", "--profile is 'slow': write fast, normal or patient")]
    [InlineData("workflows --router foo", "--router is 'foo': write bin-pack, first-fit, least-loaded, pinned, power-of-two, random, round-robin or spread")]
    [InlineData("server --search-attributes maybe", "--search-attributes is 'maybe': write on or off")]
    [InlineData("engine --log-level X", "--log-level is 'X': write Trace, Debug, Information, Warning or Error")]
    [InlineData("dev --on-stop y", "--on-stop is 'y': write leave, stop or drain")]
    [InlineData("dev --slots -3", "--slots is '-3': write a whole number of at least 1")]
    [InlineData("logs j --stream in", "--stream is 'in': write stdout or stderr")]
    [InlineData("logs j --attempt 0", "--attempt is '0': write a whole number of at least 1")]
    [InlineData("list --state foo", "--state is 'foo': write Queued, Paused, Sent, Pulling, Initializing, Running, Ready, Stopping or Closed")]
    [InlineData("list --limit 0", "--limit is '0': write a whole number from 1 to 1000")]
    [InlineData("list --limit many", "--limit is 'many': write a whole number")]
    [InlineData("list -o xml", "--output is 'xml': write table or json")]
    [InlineData("priority j high", "PRIORITY is 'high': write a whole number")]
    [InlineData("workflows --address foo", "--address is 'foo': write HOST:PORT, such as 127.0.0.1:7233")]
    [InlineData("workflows --address ::::", "--address is '::::': write HOST:PORT, such as 127.0.0.1:7233")]
    [InlineData("workflows --address foo:99999", "--address is 'foo:99999': write HOST:PORT, such as 127.0.0.1:7233")]
    [InlineData("workflows --address http://foo:7233", "--address is 'http://foo:7233': write HOST:PORT, such as 127.0.0.1:7233")]
    [InlineData("workflows --address=", "--address is '': write HOST:PORT, such as 127.0.0.1:7233")]
    public void A_value_that_cannot_be_is_named_with_its_option_and_what_can_be(string line, string sentence) => Assert.Equal([sentence], Errors(line));

    [Theory]
    [InlineData("engine --log-level debug")]
    [InlineData("list --state running")]
    [InlineData("workflows --address [::1]:7233")]
    [InlineData("workflows --address temporal:7233")]
    [InlineData("workflows --address temporal_server:7233")]
    [InlineData("run --priority -5 busybox")]
    [InlineData("run --env A=-5 --env B= -f - busybox")]
    [InlineData("extend j --by -5m")]
    [InlineData("stop j --reason - --now")]
    [InlineData("stop j --reason=--now")]
    [InlineData("run --id=--help busybox")]
    public void What_can_be_passes(string line) => Assert.Empty(Errors(line));

    [Theory]
    [InlineData("worker --id --help", "--id has no value: '--help' is read as an option; write --id=--help where it is the value")]
    [InlineData("worker --id", "--id has no value")]
    [InlineData("run -e --detach busybox", "-e has no value: '--detach' is read as an option; write -e=--detach where it is the value")]
    [InlineData("get j --server -ojson", "--server has no value: '-ojson' is read as an option; write --server=-ojson where it is the value")]
    public void An_option_does_not_take_the_next_one_for_its_value(string line, string sentence) => Assert.Equal([sentence], Errors(line));

    [Fact]
    public void What_follows_an_option_without_a_value_is_understood() => Assert.Equal(
        [
            "--id has no value: '--data' is read as an option; write --id=--data where it is the value",
            "--data has no value: '--slots' is read as an option; write --data=--slots where it is the value",
            "--slots is '0': write a whole number of at least 1",
            "--cpu is '-1': write a number above 0",
        ],
        Errors("worker --id --data --slots 0 --cpu -1"));

    [Fact]
    public void All_values_that_cannot_be_are_told_beside_each_other()
    {
        Assert.Equal(["--router", "--forget-temporal"], Named("configure --router zz --forget-temporal"));
        Assert.Equal(["--database", "--address", "--profile", "--router", "--search-attributes", "--log-level"], Named("workflows --profile slow --router foo --search-attributes maybe --log-level X --database bad --address foo"));
        Assert.Equal(["--state", "--limit", "--server", "--output"], Named("list -o xml --server x --state foo --limit 0"));

        static IEnumerable<string> Named(string line) => Errors(line).Select(error => error.Split(' ')[0].TrimEnd(':'));
    }

    [Theory]
    [InlineData("garbage", " is 'garbage': write postgres://USER:PASSWORD@HOST:PORT/NAME or Host=…;Username=…;Password=…;Database=…")]
    [InlineData("postgres://u:secret@h/d?foo=bar", ": The database's address cannot be read: there is no setting 'foo' (known are sslmode, application_name, connect_timeout, gssencmode and those of Npgsql). Write postgres://USER:PASSWORD@HOST:PORT/NAME or Host=…;Username=…;Password=…;Database=…")]
    [InlineData("Host=h;Password=secret;sslmode=perhaps", ": The database's address cannot be read: setting 'sslmode' cannot have the value it is given. Write postgres://USER:PASSWORD@HOST:PORT/NAME or Host=…;Username=…;Password=…;Database=…")]
    public void An_address_of_a_database_that_is_none_is_shown_where_it_has_no_place_for_a_password(string address, string says) =>
        Assert.Equal([$"--database{says}"], Errors($"migrate --database {address}"));

    private static IReadOnlyList<string> Errors(string line)
    {
        var root = CliProgram.Build(null);
        var (words, lost) = LostValues.Find(root, CommandLine.Split(line.Split(' ')).Own);
        var parsed = root.Parse(words);
        return parsed.Errors.Count + lost.Count == 0 ? [] : LineErrors.Of(parsed, lost);
    }
}
