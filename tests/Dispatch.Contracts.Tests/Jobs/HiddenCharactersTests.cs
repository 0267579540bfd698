using Dispatch.Contracts.Jobs;

namespace Dispatch.Contracts.Tests.Jobs;

public class HiddenCharactersTests
{
    [Theory]
    [InlineData("plain-1.2_x:y", false)]
    [InlineData("ż日本 🚢", false)]
    [InlineData("tab\t", true)]
    [InlineData("\u001b[31m", true)]
    [InlineData("soft\u00adhyphen", true)]
    [InlineData("zero\u200bwidth", true)]
    [InlineData("turned\u202eround", true)]
    [InlineData("isolated\u2066", true)]
    [InlineData("line\u2028end", true)]
    [InlineData("\ufeffmark", true)]
    [InlineData("tag\U000e0041", true)]
    public void An_id_shows_all_its_characters(string text, bool hidden) => Assert.Equal(hidden, HiddenCharacters.In(text));

    [Fact]
    public void Half_a_character_shows_as_none() => Assert.True(HiddenCharacters.In("half" + '\ud83d'));

    [Theory]
    [InlineData('\n', true)]
    [InlineData('\u009b', true)]
    [InlineData('\u061c', true)]
    [InlineData('\u200e', true)]
    [InlineData('\u200f', true)]
    [InlineData('\u2028', true)]
    [InlineData('\u202a', true)]
    [InlineData('\u202e', true)]
    [InlineData('\u2069', true)]
    [InlineData('\u200d', false)] // joins an emoji's parts
    [InlineData('א', false)]
    [InlineData('x', false)]
    public void What_is_only_shown_may_hold_anything_that_moves_nothing(char character, bool moves) => Assert.Equal(moves, HiddenCharacters.Moves(character));
}
