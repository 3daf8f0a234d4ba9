namespace Pipeline.EndToEnd.Tests;

public sealed class ExportTests(ReferenceRun reference) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("webdataset", "train-000000.tar")]
    [InlineData("imagefolder", "metadata.csv")]
    [InlineData("coco-captions", "annotations/captions_train.json")]
    public async Task Finished_run_is_copied_once_and_left_as_it_was(string format, string file)
    {
        var whole = await reference.Run;
        var output = Path.Combine(folder, "copy");

        var first = await ProgramRun.StartAsync(["export", reference.Output, "--format", format, "--output", output]);
        var second = await ProgramRun.StartAsync(["export", reference.Output, "--format", format, "--output", output]);

        first.Code.Should().Be(0, first.Output);
        File.Exists(Path.Combine(output, file)).Should().BeTrue(first.Output);
        second.Code.Should().Be(2);
        second.Output.Should().Contain("is not empty; it must be a folder that is missing or empty");
        ProgramRun.Files(reference.Output).Should().Equal(whole.Files);
    }

    [Fact]
    public async Task Image_folder_is_the_input_of_another_run_with_the_same_images()
    {
        await reference.Run;
        var input = Path.Combine(folder, "copy");
        var output = Path.Combine(folder, "out");

        var copied = await ProgramRun.StartAsync(["export", reference.Output, "--format", "imagefolder", "--output", input]);
        var run = await ProgramRun.StartAsync(ProgramRun.Arguments("starter", input, output, ProgramRun.Small));

        copied.Code.Should().Be(0, copied.Output);
        run.Code.Should().Be(0, run.Output);
        var images = File.ReadLines(Path.Combine(input, "metadata.csv")).Count() - 1;
        run.Output.Should().Contain($"account: samples {images} in = {images} kept").And.Contain("account: edits ");
        File.ReadAllText(Path.Combine(output, "augmented", "README.md")).Should().Contain("`exported_variant_id`");
    }
}
