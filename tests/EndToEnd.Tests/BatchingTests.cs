namespace Pipeline.EndToEnd.Tests;

public sealed class BatchingTests(ReferenceRun reference) : IDisposable
{
    private const float NearLimit = 1e-5f;
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Other_batches_calls_and_workers_give_the_same_samples_captions_edits_and_verdicts()
    {
        string[] cutOtherwise =
        [
            .. reference.Arguments(Path.Combine(folder, "out")),
            .. Set(
                "ingest.batch=5",
                "caption.microBatch=3",
                "caption.workers=1",
                "edit.microBatch=3",
                "edit.workers=1",
                "filter.callSize=7"
            ),
        ];
        await reference.Run;

        var other = await ProgramRun.StartAsync(cutOtherwise);

        other.Code.Should().Be(0, other.Output);
        var (one, two) = (new RunOutput(reference.Output), new RunOutput(Path.Combine(folder, "out")));
        (await Captions(two)).Should().Equal(await Captions(one)).And.HaveCount(40);
        (await Edits(two)).Should().Equal(await Edits(one)).And.NotBeEmpty();
        var verdicts = await two.RowsAsync<Verdict>("filter");
        var before = (await one.RowsAsync<Verdict>("filter")).ToDictionary(row => row.VariantId, StringComparer.Ordinal);
        verdicts.Should().HaveSameCount(before);
        verdicts.Should().OnlyContain(row => Agree(row, before[row.VariantId]));
    }

    private static bool Agree(Verdict one, Verdict two) =>
        Math.Abs(one.Confidence - two.Confidence) < NearLimit
        && (one.Text == two.Text || Math.Abs(two.Confidence - two.Threshold) < NearLimit);

    private static async Task<IEnumerable<Caption>> Captions(RunOutput output) =>
        (await output.RowsAsync<Caption>("caption")).OrderBy(row => row.SampleId, StringComparer.Ordinal);

    private static async Task<IEnumerable<string>> Edits(RunOutput output) =>
        (await output.RowsAsync<Edit>("edit"))
            .OrderBy(row => row.VariantId, StringComparer.Ordinal)
            .Select(row => $"{row.SampleId} {row.VariantId} {row.Prompt} {Convert.ToHexString(row.Image)}");

    private static IEnumerable<string> Set(params string[] settings) => settings.SelectMany(setting => new[] { "--set", setting });

    private sealed record Caption(string SampleId, [property: Shards.Records.ColumnName("caption")] string Text);

    private sealed record Edit(string SampleId, string VariantId, string Prompt, byte[] Image);

    private sealed record Verdict(
        string VariantId,
        [property: Shards.Records.ColumnName("verdict")] string Text,
        float Confidence,
        float Threshold
    );
}
