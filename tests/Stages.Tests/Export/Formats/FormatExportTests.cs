using System.Text.Json;
using Pipeline.Shards;
using Pipeline.Stages.Export;
using Pipeline.Stages.Export.Formats;

namespace Pipeline.Stages.Tests.Export.Formats;

public sealed class FormatExportTests : IAsyncLifetime
{
    private readonly FinishedRun run = new();

    public async ValueTask InitializeAsync() => await run.ExportAsync();

    public ValueTask DisposeAsync()
    {
        run.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Only_the_splits_that_are_named_are_copied()
    {
        var results = await WriteAsync("out", "validation");

        results.Should().Equal(new FormatResult("validation", 1, 1));
        Directory.GetFiles(run.PathOf("out")).Select(path => Path.GetFileName(path)).Should().Equal("validation-000000.tar");
    }

    [Fact]
    public async Task Empty_folder_is_taken()
    {
        Directory.CreateDirectory(run.PathOf("out"));

        var results = await WriteAsync("out");

        results.Select(result => result.Rows).Should().Equal(7, 1, 1);
    }

    [Fact]
    public async Task Folder_that_holds_something_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(run.PathOf("out"));
        await File.WriteAllTextAsync(run.PathOf("out/mine"), "mine", TestContext.Current.CancellationToken);

        var writing = () => WriteAsync("out");

        await writing.Should().ThrowAsync<InvalidDataException>().WithMessage("The output *out is not empty; *Name another.");
        Directory.GetFileSystemEntries(run.PathOf("out")).Should().ContainSingle();
    }

    [Fact]
    public async Task File_in_place_of_the_folder_is_refused()
    {
        await File.WriteAllTextAsync(run.PathOf("out"), "mine", TestContext.Current.CancellationToken);

        var writing = () => WriteAsync("out");

        await writing.Should().ThrowAsync<InvalidDataException>().WithMessage("The output *out is a file; *Name another.");
    }

    [Fact]
    public async Task What_a_killed_process_left_is_not_taken_over()
    {
        Directory.CreateDirectory(run.PathOf(".out.partial"));
        await File.WriteAllTextAsync(run.PathOf(".out.partial/train-000009.tar"), "half", TestContext.Current.CancellationToken);

        await WriteAsync("out");

        Directory
            .GetFiles(run.PathOf("out"))
            .Should()
            .HaveCount(3)
            .And.NotContain(path => path.EndsWith("9.tar", StringComparison.Ordinal));
        Directory.Exists(run.PathOf(".out.partial")).Should().BeFalse();
    }

    [Theory]
    [InlineData(ExportFormat.WebDataset)]
    [InlineData(ExportFormat.ImageFolder)]
    [InlineData(ExportFormat.CocoCaptions)]
    public async Task Copy_that_is_stopped_leaves_nothing_behind(ExportFormat format)
    {
        using var stop = new CancellationTokenSource();
        var request = new FormatRequest { Format = format, Output = run.PathOf("out/deep") };
        await stop.CancelAsync();

        var writing = () => FormatExport.WriteAsync(run.Store, request, stop.Token);

        await writing.Should().ThrowAsync<OperationCanceledException>();
        Directory.Exists(run.PathOf("out/deep")).Should().BeFalse();
        Directory.Exists(run.PathOf("out/.deep.partial")).Should().BeFalse();
    }

    [Theory]
    [InlineData("run")]
    [InlineData("run/tars")]
    public async Task Folder_within_the_run_is_refused(string output)
    {
        var writing = () => WriteAsync(output);

        await writing.Should().ThrowAsync<InvalidDataException>().WithMessage($"The output *{output} *");
        Directory.Exists(run.PathOf("run/tars")).Should().BeFalse();
    }

    [Fact]
    public async Task Unknown_split_is_refused_with_those_that_there_are()
    {
        var writing = () => WriteAsync("out", "dev");

        await writing.Should().ThrowAsync<InvalidDataException>().WithMessage("The split 'dev' *train, validation, test_far away*");
        Directory.Exists(run.PathOf("out")).Should().BeFalse();
    }

    [Fact]
    public async Task Export_that_has_not_ended_is_refused()
    {
        var manifest = (await ExportManifest.ReadAsync(run.Store))!;
        await run.Store.WriteAsync(
            ExportManifest.Uri,
            JsonSerializer.SerializeToUtf8Bytes(manifest with { Complete = false }, JsonSerializerOptions.Web)
        );

        var writing = () => WriteAsync("out");

        await writing.Should().ThrowAsync<InvalidDataException>().WithMessage("*is not complete*Give the run's command again.");
    }

    [Fact]
    public async Task Run_without_a_data_set_is_refused()
    {
        await run.Store.DeleteAsync(ExportManifest.Uri);

        var writing = () => WriteAsync("out");

        await writing.Should().ThrowAsync<InvalidDataException>().WithMessage("*is not there*Add the stage export*");
    }

    [Fact]
    public async Task Damaged_file_leaves_nothing_behind()
    {
        var file = run.PathOf("run/augmented/validation-00000-of-00001.parquet");
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[40] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var writing = () => WriteAsync("out/deep");

        await writing.Should().ThrowAsync<ShardDamagedException>();
        Directory.GetFileSystemEntries(run.PathOf("out")).Should().BeEmpty();
    }

    private Task<IReadOnlyList<FormatResult>> WriteAsync(string output, params string[] splits) =>
        FormatExport.WriteAsync(
            run.Store,
            new FormatRequest
            {
                Format = ExportFormat.WebDataset,
                Output = run.PathOf(output),
                Splits = splits,
            },
            TestContext.Current.CancellationToken
        );
}
