using Pipeline.Models.Hub;

namespace Pipeline.Models.Tests.Hub;

public sealed class ModelNameTests
{
    [Theory]
    [InlineData("openai/clip-vit-base-patch32", ModelSource.Hub, "openai/clip-vit-base-patch32", null)]
    [InlineData("laion/CLIP-ViT-L-14.2b_s32@v1.0", ModelSource.Hub, "laion/CLIP-ViT-L-14.2b_s32", "v1.0")]
    [InlineData("a/b@3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268", ModelSource.Hub, "a/b", "3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268")]
    [InlineData("path:../weights/clip", ModelSource.Folder, "../weights/clip", null)]
    [InlineData("path:/srv/models/a@b", ModelSource.Folder, "/srv/models/a@b", null)]
    [InlineData("builtin:nsfw-mobilenet-v2", ModelSource.BuiltIn, "nsfw-mobilenet-v2", null)]
    public void Name_is_read_and_written_as_it_was(string text, ModelSource source, string id, string? revision)
    {
        var name = ModelName.Parse(text);

        (name.Source, name.Id, name.Revision).Should().Be((source, id, revision));
        name.ToString().Should().Be(text);
        ModelName.Fault(text).Should().BeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("clip")]
    [InlineData("a/b/c")]
    [InlineData("../b")]
    [InlineData("a/..")]
    [InlineData("a/.git")]
    [InlineData("a/b--c")]
    [InlineData("a/b@")]
    [InlineData("a/b@..")]
    [InlineData("a/b@../../etc")]
    [InlineData("a/b@refs/pr/1")]
    [InlineData("a/b@-x")]
    [InlineData("a/b@x@y")]
    [InlineData("a/b c")]
    [InlineData("a/b\n")]
    [InlineData("a/b\u0000")]
    [InlineData("a\\b/c")]
    [InlineData("a/bé")]
    [InlineData("path:")]
    [InlineData("builtin:")]
    [InlineData("builtin:../x")]
    [InlineData("builtin:a/b")]
    [InlineData("https://host/a")]
    public void Hostile_name_is_refused_with_what_it_must_be(string text)
    {
        var parse = () => ModelName.Parse(text);

        parse.Should().Throw<InvalidDataException>().WithMessage($"*{text}*it must be*");
        ModelName.Fault(text).Should().NotBeNull();
    }

    [Fact]
    public void Longest_word_is_taken_and_a_longer_one_refused()
    {
        var longest = new string('a', 96);

        ModelName.Fault($"{longest}/{longest}@{longest}").Should().BeNull();
        ModelName.Fault($"a/{longest}a").Should().Contain("1 to 96 letters");
    }

    [Fact]
    public void Shown_name_of_a_folder_has_none_of_those_above_it()
    {
        ModelName.Parse("path:/home/me/clip/").Shown.Should().Be("path:clip");
        ModelName.Parse("a/b@c").Shown.Should().Be("a/b@c");
    }
}
