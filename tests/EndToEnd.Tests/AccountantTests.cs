using System.Text;
using Pipeline.Shards;
using Pipeline.Shards.Stores;

namespace Pipeline.EndToEnd.Tests;

/// <summary>That the accountant finds what it is there to find, in copies of a good run.</summary>
public sealed class AccountantTests(ReferenceRun reference) : IAsyncLifetime
{
    private const int Samples = 43;
    private static readonly string[] Aside = ["train/red/empty.jpg", "train/red/short.jpg", "train/red/text.jpg"];
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    private string Stages => Path.Combine(folder, "runs", new RunOutput(folder).Id);

    public async ValueTask InitializeAsync()
    {
        Accountant.SkipWithoutOne();
        await reference.CopyToAsync(folder);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Good_run_has_no_findings()
    {
        var findings = await Accountant.CheckAsync(folder, Samples, Aside);

        findings.Should().ContainSingle().Which.Should().Be("6 batches, 4 row stages, 41 samples, 48 edits: 0 findings");
    }

    [Fact]
    public async Task Missing_shard_is_found()
    {
        File.Delete(Path.Combine(Stages, "filter", "00000001.parquet"));

        var findings = await Accountant.CheckAsync(folder, Samples, Aside);

        findings.Should().Contain("shards of filter: 1 missing, such as 00000001");
    }

    [Theory]
    [InlineData("caption/00000099.parquet", "shards of caption: 1 too many, such as 00000099")]
    [InlineData("caption/00000099.log.json", "caption/00000099.log.json: a file of no batch")]
    [InlineData("caption/.00000001.parquet.tmp-12ab", "caption/.00000001.parquet.tmp-12ab: a temporary file")]
    [InlineData("caption/00000001.failed.json", "caption/00000001.failed.json: a failed batch")]
    public async Task File_that_should_not_be_there_is_found(string file, string finding)
    {
        File.Copy(Path.Combine(Stages, "caption", "00000000.parquet"), Path.Combine(Stages, file));

        var findings = await Accountant.CheckAsync(folder, Samples, Aside);

        findings.Should().Contain(line => line.EndsWith(finding, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Shard_of_another_batch_is_found()
    {
        File.Copy(
            Path.Combine(Stages, "caption", "00000000.parquet"),
            Path.Combine(Stages, "caption", "00000001.parquet"),
            overwrite: true
        );

        var findings = await Accountant.CheckAsync(folder, Samples, Aside);

        findings.Should().Contain("caption/00000001: the footer's batch is 0, wanted was 1");
    }

    [Fact]
    public async Task Wrong_parent_is_found()
    {
        var shard = Path.Combine(Stages, "edit", "00000000.parquet");
        var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(shard));
        var parent = text.IndexOf(",caption=", text.LastIndexOf("pipeline.parents", StringComparison.Ordinal), StringComparison.Ordinal);
        var digit = parent + ",caption=".Length;
        await File.WriteAllBytesAsync(shard, Encoding.Latin1.GetBytes(text.Remove(digit, 1).Insert(digit, text[digit] == '0' ? "1" : "0")));

        var findings = await Accountant.CheckAsync(folder, Samples, Aside);

        findings.Should().Contain(line => line.StartsWith("edit/00000000: its parent caption is", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("caption", "rows of caption/00000000: 1 missing")]
    [InlineData("edit", "a sample has 1 or 2 variants")]
    [InlineData("filter", "rows of filter/00000000: 1 missing")]
    public async Task Lost_row_is_found(string stage, string finding)
    {
        var store = new FolderStore(folder);
        var uri = ShardNames.Uri(new RunOutput(folder).Id, stage, 0);
        var footer = await ShardFile.ReadFooterAsync(store, uri) ?? throw new FileNotFoundException(uri);
        var table = await ShardFile.ReadAsync(store, uri);
        await ShardFile.WriteAsync(store, uri, table.Slice(1, table.Rows - 1), footer);

        var findings = await Accountant.CheckAsync(folder, Samples, Aside);

        findings.Should().Contain(line => line.Contains(finding, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sample_that_never_arrived_and_one_set_aside_without_need_are_found()
    {
        var findings = await Accountant.CheckAsync(folder, Samples + 1, Aside[1..]);

        findings.Should().Contain("samples: 44 in, 40 through and 3 set aside");
        findings.Should().Contain("quarantine: 1 too many, such as train/red/empty.jpg");
    }
}
