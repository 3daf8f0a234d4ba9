using System.Text;
using Pipeline.ModelHub;
using Pipeline.Models.Hub;

namespace Pipeline.Models.Tests.Hub;

public sealed class ModelLockTests : IDisposable
{
    private readonly ModelPlace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public void Lock_is_written_in_one_order_and_read_again()
    {
        place.WriteSnapshot("b/b", "config.json", "{}");
        place.WriteSnapshot("b/b", "README.md", "---\nlicense: mit\n---\n");
        place.Write("m/x.json");
        place.Write("m/a.json");
        var (first, second) = (Of("b/b", $"path:{place.Root}/m"), Of($"path:{place.Root}/m", "b/b"));

        var text = Encoding.UTF8.GetString(first.ToBytes());
        place.Write("models.lock", text);
        var read = ModelLock.Find(place.Root)!;

        text.Should().Be(Encoding.UTF8.GetString(second.ToBytes())).And.Be(Encoding.UTF8.GetString(read.ToBytes()));
        text.IndexOf("a.json", StringComparison.Ordinal).Should().BeLessThan(text.IndexOf("x.json", StringComparison.Ordinal));
        text.Should().EndWith("}\n").And.Contain("\"licence\": \"MIT\"").And.Contain($"\"revision\": \"{ModelPlace.Commit}\"");
        read.Models["b/b"].Content.Should().Be(place.Library.ContentOf(place.Library.Find("b/b")));
        ModelLock.Find(Path.Combine(place.Root, "m")).Should().BeNull();
    }

    [Theory]
    [InlineData("config.json", "changed", "config.json has SHA-256 *(7 bytes); it must be * (2 bytes)*")]
    [InlineData("config.json", null, "config.json is missing; it must have SHA-256*")]
    [InlineData("more.json", "{}", "more.json is there; the lock has no such file*")]
    public void Model_that_differs_from_its_lock_is_an_error_that_names_the_file(string file, string? text, string message)
    {
        place.Write("m/config.json");
        place.Write("m/vocab.json");
        var name = $"path:{place.Root}/m";
        var library = place.Library.With(Of(name));
        library.ContentOf(library.Find(name)).Should().HaveLength(32);
        if (text is null)
            File.Delete(Path.Combine(place.Root, "m", file));
        else
            place.Write($"m/{file}", text);

        var content = () => library.ContentOf(library.Find(name));

        content
            .Should()
            .Throw<InvalidDataException>()
            .WithMessage(
                $"The model {name} in * is not as models.lock has it: {message}Get it as it was: pipeline models pull*models lock --file PIPELINE*"
            );
    }

    [Fact]
    public void Model_for_people_may_change()
    {
        place.Write("m/config.json");
        var name = $"path:{place.Root}/m";
        var library = place.Library.With(Of(name));
        place.Write("m/README.md", "new");

        library.Difference(library.Find(name), ModelLibrary.FilesOf(library.Find(name))).Should().BeNull();
    }

    [Fact]
    public void Name_without_a_revision_is_the_locks()
    {
        const string Older = "0000000000000000000000000000000000000001";
        place.WriteSnapshot("a/b", "config.json", "old", Older);
        var locked = Of("a/b");
        place.WriteSnapshot("a/b", "config.json", "new");

        place.Library.Find("a/b").Revision.Should().Be(ModelPlace.Commit);
        place.Library.With(locked).Find("a/b").Revision.Should().Be(Older);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"models\":{\"a/b\":null}}")]
    [InlineData("{\"models\":{\"a/b\":{\"files\":null}}}")]
    [InlineData("{\"models\":{\"a/b\":{\"files\":{\"x\":null}}}}")]
    [InlineData("{\"modells\":{}}")]
    public void Broken_lock_is_named(string text)
    {
        place.Write("models.lock", text);

        var read = () => ModelLock.Find(place.Root);

        read.Should().Throw<InvalidDataException>().WithMessage("*models.lock is no lock of models*");
    }

    [Fact]
    public void Accepted_licence_holds_for_the_model_and_not_for_another_licence()
    {
        place.WriteSnapshot("a/b", "README.md", "---\nlicense: openrail\n---\n");
        place.WriteSnapshot("a/c", "README.md", "---\nlicense: openrail\n---\n");
        var folder = place.Library.Find("a/b");
        AcceptedLicences.Find(place.Places, folder).Should().BeNull();

        AcceptedLicences.Add(place.Places, folder, new OnADay());

        AcceptedLicences.Find(place.Places, folder).Should().Be("2026-11-30");
        AcceptedLicences.Find(place.Places, folder with { Name = ModelName.Parse("a/b@v2") }).Should().Be("2026-11-30");
        AcceptedLicences.Find(place.Places, folder with { Terms = new ModelLicence("other", "https://host/terms") }).Should().BeNull();
        AcceptedLicences.Find(place.Places, place.Library.Find("a/c")).Should().BeNull();
        AcceptedLicences.Find(place.Places with { Given = null, Cache = place.Places.Given! }, folder).Should().Be("2026-11-30");
    }

    private ModelLock Of(params string[] names)
    {
        var made = new ModelLock();
        foreach (var name in names)
        {
            made.Models[name] = ModelLock.Of(place.Library.Find(name), ModelLibrary.FilesOf(place.Library.Find(name)));
        }

        return made;
    }

    private sealed class OnADay : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
    }
}
