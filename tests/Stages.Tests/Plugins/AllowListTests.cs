using Pipeline.Plugins;

namespace Pipeline.Stages.Tests.Plugins;

public sealed class AllowListTests
{
    [Fact]
    public async Task Without_a_list_nothing_is_loaded()
    {
        await using var folder = new WatchedFolder();
        folder.Drop(PluginSources.Number());

        await folder.OpenAsync(isUnchecked: false);

        folder.Plugins.Catalog.TryFind("number", out _).Should().BeFalse();
        folder.Log.Should().Contain("no list says what may be loaded").And.Contain("--plugins-unchecked");
    }

    [Fact]
    public async Task Plugin_is_loaded_once_all_its_code_is_listed()
    {
        await using var folder = new WatchedFolder();
        using var other = new TemporaryFolder();
        var list = Path.Combine(other.Path, "allowed.sha256");
        var file = folder.Drop(PluginSources.Number());
        var native = Path.Combine(Path.GetDirectoryName(file)!, "libx.so.1");
        await File.WriteAllTextAsync(native, "native");
        await File.WriteAllTextAsync(list, $"# reviewed\n\n{WatchedFolder.Hash(file).ToUpperInvariant()} *anything.dll\n");
        await folder.OpenAsync(list);
        folder
            .Log.Should()
            .Contain($"libx.so.1 ({WatchedFolder.Hash(native)}) is not in the allow list {list}")
            .And.NotContain("Numbers.dll (");

        await File.AppendAllTextAsync(list, $"{WatchedFolder.Hash(native)}  libx.so.1\n");
        await folder.HasAsync(catalog => catalog.TryFind("number", out _));

        folder.Log.Should().Contain("is loaded");
    }

    [Theory]
    [InlineData("abc  x.dll", "Line 1 of the allow list * is 'abc  x.dll'; it must be 64 hexadecimal digits, two spaces and a name*")]
    [InlineData(null, "The allow list * is not readable (*); it must be a file that sha256sum wrote.*")]
    public async Task List_that_cannot_be_read_allows_nothing(string? text, string message)
    {
        await using var folder = new WatchedFolder();
        using var other = new TemporaryFolder();
        var list = Path.Combine(other.Path, "allowed.sha256");
        if (text is not null)
        {
            await File.WriteAllTextAsync(list, text);
        }

        folder.Drop(PluginSources.Number());

        await folder.OpenAsync(list);

        folder.Log.Should().Match($"*is refused: {message}");
    }
}
