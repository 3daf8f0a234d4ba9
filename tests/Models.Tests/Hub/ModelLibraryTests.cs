using Pipeline.ModelHub;
using Pipeline.Models.Hub;

namespace Pipeline.Models.Tests.Hub;

public sealed class ModelLibraryTests : IDisposable
{
    private readonly ModelPlace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public void Models_folder_goes_before_the_cache_and_that_before_the_hubs()
    {
        place.WriteSnapshot("a/b", "config.json", "hub");
        var found = new List<string> { place.Library.Find("a/b").Where };
        place.Write("cache/a/b/main/config.json");
        found.Add(place.Library.Find("a/b").Where);
        place.Write("given/a/b/main/config.json");
        found.Add(place.Library.Find("a/b").Where);

        found.Should().Equal("Hugging Face cache", "cache", "models folder");
    }

    [Fact]
    public void Snapshot_is_found_by_the_commit_and_by_the_branch_that_names_it()
    {
        var link = place.WriteSnapshot("a/b", "config.json", "{}");

        var main = place.Library.Find("a/b");
        var commit = place.Library.Find($"a/b@{ModelPlace.Commit}");

        main.Path.Should().Be(Path.GetDirectoryName(link)).And.Be(commit.Path);
        main.Revision.Should().Be(ModelPlace.Commit);
        place.Library.TryFind("a/b@other").Should().BeNull();
        place.Library.TryFind("a/c").Should().BeNull();
    }

    [Fact]
    public void Branch_of_the_own_cache_is_the_commit_that_its_file_names()
    {
        place.Write($"cache/a/b/{ModelPlace.Commit}/config.json");
        place.Write("cache/a/b/.refs/main", ModelPlace.Commit + "\n");

        place.Library.Find("a/b").Revision.Should().Be(ModelPlace.Commit);
    }

    [Theory]
    [InlineData("../../../../etc")]
    [InlineData("")]
    public void Branch_whose_file_names_no_commit_is_an_error(string text)
    {
        place.Write("hub/models--a--b/refs/main", text);

        var find = () => place.Library.Find("a/b");

        find.Should().Throw<InvalidDataException>().WithMessage("*refs/main is no revision*it must hold the commit*");
    }

    [Fact]
    public void Missing_model_is_one_error_with_places_and_the_command_that_gets_it()
    {
        var find = () => place.Library.Find("a/b@v1");

        find.Should()
            .Throw<ModelMissingException>()
            .WithMessage(
                $"The model a/b@v1 is not on this machine; it must lie in {place.Root}/given/ORG/NAME/REVISION*/cache/*/hub. Get it: pipeline models pull a/b@v1 --models {place.Root}/given"
            );
        place.Library.Missing(["a/b", "a/c", "a/b"]).Should().Contain("pull a/b a/c --models");
    }

    [Fact]
    public void Missing_folder_and_unknown_built_in_say_what_there_is()
    {
        place.Write("builtin/nsfw/config.json");

        place.Library.Missing(["path:/nowhere"]).Should().Contain("path:/nowhere is no folder");
        place.Library.Missing(["builtin:x"]).Should().Contain("it must be one of: builtin:nsfw.");
        place.Library.Find("builtin:nsfw").Where.Should().Be("program");
    }

    [Fact]
    public void Content_is_that_of_the_files_which_are_read_wherever_they_lie()
    {
        place.WriteSnapshot("a/b", "config.json", "{}");
        place.WriteSnapshot("a/b", "onnx/model.onnx", "graph");
        place.WriteSnapshot("a/b", "pytorch_model.bin", "pickle");
        place.Write("own/config.json");
        place.Write("own/onnx/model.onnx", "graph");
        place.Write("own/README.md", "for people");
        place.Write("own/.git/config", "hidden");
        var (hub, own) = (place.Library.Find("a/b"), place.Library.Find($"path:{place.Root}/own"));

        ModelLibrary.FilesOf(hub).Select(file => file.Path).Should().Equal("config.json", "onnx/model.onnx");
        place.Library.ContentOf(hub).Should().HaveLength(32).And.Be(place.Library.ContentOf(own));
    }

    [Fact]
    public void Content_follows_a_byte_and_a_name()
    {
        place.Write("m/config.json", "one");
        var folder = place.Library.Find($"path:{place.Root}/m");
        var before = place.Library.ContentOf(folder);
        place.Write("m/config.json", "two"); // of the same size
        File.SetLastWriteTimeUtc(Path.Combine(folder.Path, "config.json"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var changed = place.Library.ContentOf(folder);
        File.Move(Path.Combine(folder.Path, "config.json"), Path.Combine(folder.Path, "other.json"));
        var renamed = place.Library.ContentOf(folder);

        new[] { before, changed, renamed }.Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData("hub/models--a--b/snapshots/x/config.json", true)]
    [InlineData("hub/models--a--b/snapshots/config.json", true)]
    [InlineData("hub/models--a--c/blobs/config.json", false)]
    [InlineData("elsewhere/config.json", false)]
    public void Link_is_followed_only_inside_the_same_models_cache(string target, bool isGood)
    {
        place.WriteSnapshot("a/b", "config.json", "{}");
        var link = Path.Combine(place.Library.Find("a/b").Path, "tokenizer.json");
        File.CreateSymbolicLink(link, place.Write(target, "secret"));

        var content = () => place.Library.ContentOf(place.Library.Find("a/b"));

        if (isGood)
            content.Should().NotThrow();
        else
            content
                .Should()
                .Throw<InvalidDataException>()
                .WithMessage($"{link}*leads to {place.Root}/{target}; its links must stay in*models--a--b.*");
    }

    [Fact]
    public void Link_out_of_a_folder_and_a_link_to_a_folder_are_refused()
    {
        place.Write("m/config.json");
        Directory.CreateSymbolicLink(Path.Combine(place.Root, "m", "onnx"), Path.GetDirectoryName(place.Write("other/model.onnx"))!);
        place.Write("n/config.json");
        File.CreateSymbolicLink(Path.Combine(place.Root, "n", "vocab.json"), "../m/config.json");

        var folder = () => place.Library.ContentOf(place.Library.Find($"path:{place.Root}/m"));
        var file = () => place.Library.ContentOf(place.Library.Find($"path:{place.Root}/n"));

        folder.Should().Throw<InvalidDataException>().WithMessage("*m/onnx*is a link to a folder*");
        file.Should().Throw<InvalidDataException>().WithMessage("*n/vocab.json*its links must stay in*");
    }

    [Fact]
    public void Snapshot_that_is_named_by_its_path_keeps_its_links()
    {
        var link = place.WriteSnapshot("a/b", "config.json", "{}");

        var files = ModelLibrary.FilesOf(place.Library.Find($"path:{Path.GetDirectoryName(link)}"));

        files.Should().ContainSingle().Which.Size.Should().Be(2);
    }

    [Fact]
    public void Everything_that_is_there_is_listed()
    {
        place.WriteSnapshot("a/hub", "config.json", "{}");
        place.Write("given/a/given/v1/config.json");
        place.Write("cache/a/own/v2/config.json");
        place.Write("builtin/nsfw/config.json");
        place.Write("cache/accepted.json", "[]");
        Directory.CreateDirectory(Path.Combine(place.Root, "hub", "models--bad"));

        var names = place.Library.All().Select(folder => folder.Name.ToString());

        names.Should().Equal("builtin:nsfw", "a/given@v1", "a/own@v2", $"a/hub@{ModelPlace.Commit}");
    }

    [Theory]
    [InlineData("---\nlicense: mit\n---\n# M\n", "MIT", false)]
    [InlineData("---\ntags:\n- a\nlicense: 'apache-2.0'\n---\n", "Apache-2.0", false)]
    [InlineData("---\nlicense:\n- cc-by-nc-4.0\n---\n", "CC-BY-NC-4.0", true)]
    [InlineData("---\nlicense: creativeml-openrail-m\n---\n", "https://huggingface.co/a/b", true)]
    [InlineData("---\nlicense: other\nlicense_name: mine\nlicense_link: https://host/terms\n---\n", "https://host/terms", true)]
    [InlineData("---\nlicense: other\nlicense_link: LICENSE.md\n---\n", "https://huggingface.co/a/b", true)]
    [InlineData("---\ntags: a\n---\nlicense: mit\n", null, false)]
    [InlineData("# license: mit\n", null, false)]
    public void Licence_is_what_the_card_states(string card, string? licence, bool isRestricted)
    {
        place.WriteSnapshot("a/b", "README.md", card);

        var folder = place.Library.Find("a/b");

        folder.Licence.Should().Be(licence);
        (folder.Terms is { IsRestricted: true }).Should().Be(isRestricted);
    }
}
