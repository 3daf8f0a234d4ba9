using System.Security.Cryptography;
using Pipeline.Stages.Export.Formats;
using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Export.Formats;

public sealed class ImageFolderTests : IAsyncLifetime
{
    private readonly FinishedRun run = new();

    private string Output => run.PathOf("folder");

    public async ValueTask InitializeAsync()
    {
        await run.ExportAsync();
        await FormatExport.WriteAsync(
            run.Store,
            new FormatRequest { Format = ExportFormat.ImageFolder, Output = Output },
            TestContext.Current.CancellationToken
        );
    }

    public ValueTask DisposeAsync()
    {
        run.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Our_own_ingest_reads_it_again_with_the_same_classes_splits_groups_and_images()
    {
        var source = IngestSource.Open(Output, new IngestOptions());
        var entries = source.Entries().ToList();

        source.Format.Should().Be("csv");
        source.ClassNames.Should().Equal(FinishedRun.ClassNames);
        entries.Should().HaveCount(run.Rows.Count);
        foreach (var row in run.Rows)
        {
            var entry = entries.Single(entry => Path.GetFileNameWithoutExtension(entry.Uri) == row.Id);
            entry.Fault.Should().BeNull();
            entry.Label.Should().Be(row.Label);
            entry.Split.Should().Be(row.Split);
            entry.Group.Should().MatchRegex("^g[012]$");
            entry.Extra["exported_domain"].Should().MatchRegex("^d[0-5]$");
            entry.Extra["exported_sample_id"].Should().HaveLength(32);
            entry.Extra.Should().ContainKey("exported_variant_id").And.NotContainKey("variant_id", "stages take rows with it for edits");
            File.ReadAllBytes(Path.Combine(Output, entry.Uri)).Should().Equal(row.Image);
        }

        entries
            .Single(entry => entry.Uri.Contains(run.Rows[1].Id, StringComparison.Ordinal))
            .Extra["manifest_caption"]
            .Should()
            .Be(run.Rows[1].Text);
    }

    [Fact]
    public async Task Python_s_csv_reads_the_table_and_its_files()
    {
        var rows = (
            await Python.JsonAsync(
                """
                import csv, hashlib, json, sys
                with open(sys.argv[1] + '/metadata.csv', newline='', encoding='utf-8') as file:
                    rows = list(csv.DictReader(file))
                for row in rows:
                    row['sha256'] = hashlib.sha256(open(sys.argv[1] + '/' + row['file_name'], 'rb').read()).hexdigest()
                print(json.dumps(rows))
                """,
                Output
            )
        ).AsArray();

        rows.Select(row => $"{row!["label"]} {row["split"]} {row["sha256"]}")
            .Should()
            .BeEquivalentTo(
                run.Rows.Select(row =>
                    $"{FinishedRun.ClassNames[row.Label]} {row.Split} {Convert.ToHexStringLower(SHA256.HashData(row.Image))}"
                )
            );
    }

    [Fact]
    public void Class_whose_name_is_no_folder_s_lies_in_one_of_a_name_near_it()
    {
        var folders = Directory.GetDirectories(Output, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Output, path));

        folders.Should().Contain(["train/a \"quoted\", bird", "train/stone_grey", "test_far away/stone_grey"]);
    }
}
