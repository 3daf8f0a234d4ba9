using System.Security.Cryptography;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Export;

namespace Pipeline.Stages.Tests.Export;

public sealed class ExportManifestTests : IDisposable
{
    private static readonly ExportOptions ManyFiles = new() { ShardBytes = 200 };
    private readonly SmallRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public async Task Manifest_lists_every_file_with_its_rows_size_and_hashes()
    {
        await DataSetExporter.WriteAsync(run.Request, ManyFiles, run.Store, TestContext.Current.CancellationToken);

        var manifest = await ExportManifest.ReadAsync(run.Store, TestContext.Current.CancellationToken);
        manifest!.Complete.Should().BeTrue();
        manifest
            .Files.Select(file => "augmented/" + file.File)
            .Should()
            .BeEquivalentTo((await run.Store.ListAsync("augmented/")).Where(uri => uri.EndsWith(".parquet", StringComparison.Ordinal)));
        foreach (var file in manifest.Files)
        {
            var bytes = await File.ReadAllBytesAsync(run.PathOf("augmented/" + file.File), TestContext.Current.CancellationToken);
            var footer = await ShardFile.ReadFooterAsync(run.Store, "augmented/" + file.File);
            file.Bytes.Should().Be(bytes.Length);
            file.Sha256.Should().Be(Convert.ToHexStringLower(SHA256.HashData(bytes)));
            file.Rows.Should().Be(footer!.Rows);
            file.Content.Should().Be(footer.Content);
            file.File.Should().StartWith(file.Split + "-");
        }
    }

    [Fact]
    public async Task At_every_moment_of_an_export_over_an_older_one_what_is_listed_is_there_as_listed()
    {
        await DataSetExporter.WriteAsync(run.Request, ManyFiles, run.Store, TestContext.Current.CancellationToken);
        var seen = new List<(bool Complete, int Files)>();
        var watched = new FolderStore(run.Store.Root, (_, _) => seen.Add(Look()));
        var fewer = run.Request with { Selected = [] };

        await DataSetExporter.WriteAsync(fewer, ManyFiles, watched, TestContext.Current.CancellationToken);

        var changing = seen.SkipWhile(moment => moment.Complete).ToList();
        changing.Select(moment => moment.Files).Should().BeInAscendingOrder().And.Contain([0, 1, 2, 3]);
        changing.SkipLast(1).Should().OnlyContain(moment => !moment.Complete);
        changing[^1].Complete.Should().BeTrue();
    }

    [Fact]
    public async Task Export_that_fails_before_its_first_file_leaves_the_older_one_whole()
    {
        await DataSetExporter.WriteAsync(run.Request, ManyFiles, run.Store, TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(run.Input, "pictures/0-0.jpg"));

        var writing = () => DataSetExporter.WriteAsync(run.Request, ManyFiles, run.Store, TestContext.Current.CancellationToken);

        await writing.Should().ThrowAsync<InvalidDataException>();
        Look().Complete.Should().BeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1]")]
    public async Task Manifest_of_another_hand_is_an_error_that_names_it(string text)
    {
        Directory.CreateDirectory(run.PathOf("augmented"));
        await File.WriteAllTextAsync(run.PathOf(ExportManifest.Uri), text, TestContext.Current.CancellationToken);

        var reading = () => ExportManifest.ReadAsync(run.Store);

        await reading.Should().ThrowAsync<InvalidDataException>().WithMessage("augmented/manifest.json is not readable*");
    }

    /// <summary>Reads the manifest as another process would, and checks each file that it lists.</summary>
    private (bool Complete, int Files) Look()
    {
        var store = new FolderStore(run.Store.Root);
        var manifest = ExportManifest.ReadAsync(store).GetAwaiter().GetResult()!;
        foreach (var file in manifest.Files)
            Convert
                .ToHexStringLower(SHA256.HashData(File.ReadAllBytes(run.PathOf("augmented/" + file.File))))
                .Should()
                .Be(file.Sha256, "the manifest lists {0}", file.File);
        return (manifest.Complete, manifest.Files.Count);
    }
}
