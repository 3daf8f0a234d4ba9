using Pipeline.Host.Commands;

namespace Pipeline.Host.Tests.Commands;

public sealed class QuarantineCommandTests
{
    [Fact]
    public async Task Rows_of_all_stages_are_listed_in_order_of_path()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("done");
        folder.Write(
            "quarantine/ingest/00000001.json",
            """[{"sampleId":"aa","variantId":null,"stage":"ingest","kind":"corrupt","message":"cut off","uri":"x/b.jpg","batch":1}]"""
        );
        folder.Write(
            "quarantine/edit/00000000.json",
            """[{"sampleId":"bb","variantId":"cc","stage":"edit","kind":"model","message":"no","uri":"x/a.jpg","batch":0,"later":1}]"""
        );
        folder.Write("quarantine/edit/.00000000.json.tmp-1", "[{");

        var result = await CommandLineResult.Of(QuarantineCommand.Create(new Confirmation(TextReader.Null)), "quarantine", folder.Root);

        result.Code.Should().Be(0);
        result.Line("ingest").Should().Equal("ingest", "1", "aa", "–", "corrupt", "x/b.jpg", "cut off");
        result
            .Output.IndexOf("edit", StringComparison.Ordinal)
            .Should()
            .BeLessThan(result.Output.IndexOf("ingest", StringComparison.Ordinal));
        result.Output.Should().Contain("2 in quarantine.");
    }

    [Fact]
    public async Task What_could_steer_the_terminal_is_not_printed()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("done");
        folder.Write("quarantine/ingest/00000000.json", """[{"stage":"ingest","uri":"a\u001b[2Jb\nc","batch":0}]""");

        var result = await CommandLineResult.Of(QuarantineCommand.Create(new Confirmation(TextReader.Null)), "quarantine", folder.Root);

        result.Output.Should().Contain("a\uFFFD[2Jb\uFFFDc").And.NotContain("\u001b");
    }

    [Fact]
    public async Task Empty_quarantine_is_said()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("done");

        var result = await CommandLineResult.Of(QuarantineCommand.Create(new Confirmation(TextReader.Null)), "quarantine", folder.Root);

        result.Code.Should().Be(0);
        result.Output.Should().StartWith("Nothing is in quarantine.");
    }

    [Fact]
    public async Task Folder_of_no_run_is_not_said_to_be_free_of_quarantine()
    {
        using var folder = new TemporaryFolder();

        var result = await CommandLineResult.Of(QuarantineCommand.Create(new Confirmation(TextReader.Null)), "quarantine", folder.Root);

        result.Code.Should().Be(2);
        result.Error.Should().Contain("has no run.json");
    }

    [Fact]
    public async Task Unreadable_file_is_named()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("done");
        folder.Write("quarantine/ingest/00000000.json", "{");

        var result = await CommandLineResult.Of(QuarantineCommand.Create(new Confirmation(TextReader.Null)), "quarantine", folder.Root);

        result.Code.Should().Be(2);
        result.Error.Should().Contain("00000000.json");
    }
}
