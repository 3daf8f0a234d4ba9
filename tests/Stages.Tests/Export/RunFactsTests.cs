using Pipeline.Models.Images;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Runs;

namespace Pipeline.Stages.Tests.Export;

public sealed class RunFactsTests : IDisposable
{
    private static readonly IStageKind[] Kinds = EditingKinds.With();

    private readonly ServedRun run = new(
        ["bird", "stone"],
        input => input.With("bird/0.png", Picture(40)).With("stone/0.png", Picture(160)).With("stone/1.png", [1, 2, 3])
    );

    private string Card => File.ReadAllText(Path.Combine(run.Output, "augmented", "README.md"));

    public void Dispose() => run.Dispose();

    [Fact]
    public async Task Card_of_a_run_names_stages_settings_models_and_what_was_set_aside_and_no_path()
    {
        await ServeAsync(captions: 200);

        Card.Should().Contain("# p: augmented data set").And.Contain("2 labelled images of 2 classes");
        Card.Should().Contain("- **describe** (describe, version 1): `among` 2000, `backend` phrases, `captions` 200");
        Card.Should().Contain("- **edit** (edit, version 1): `backend` procedural").And.Contain("`strength` 0.7");
        Card.Should().Contain("- describe made `domains`").And.Contain("- constant made `base-classifier`");
        Card.Should().Contain("- filter judged 2 edits").And.Contain("- The selection took ");
        Card.Should().Contain("- ingest: 1 set aside as ");
        Card.Should().NotContain("`workers`", "it cannot change an output").And.NotContain(run.Output).And.NotContain(run.Input.Path);
    }

    [Fact]
    public async Task Setting_that_changes_the_card_alone_is_told_by_the_next_run_and_an_equal_run_does_nothing()
    {
        await ServeAsync(captions: 200);
        var written = File.GetLastWriteTimeUtc(Path.Combine(run.Output, "augmented", "README.md"));

        await ServeAsync(captions: 200);
        var again = File.GetLastWriteTimeUtc(Path.Combine(run.Output, "augmented", "README.md"));
        await ServeAsync(captions: 201);

        again.Should().Be(written);
        Card.Should().Contain("`captions` 201");
    }

    private async Task ServeAsync(int captions) => (
            await run.ServeAsync(
                $$"""
                pipeline: p
                stages:
                  ingest: {}
                  caption: {}
                  describe: { captions: {{captions}} }
                  edit: { after: caption, prompts: ["a photo of a {} in fog"] }
                  constant: { after: ingest }
                  filter: { after: edit }
                  select: {}
                  export: {}
                """,
                Kinds
            )
        ).Should().Be(new RunEnd(0, null));

    private static byte[] Picture(int shade) =>
        PngEncoder.Encode(
            new RgbImage(24, 24, [.. Enumerable.Range(0, 24 * 24 * 3).Select(at => (byte)((shade + (at % 3 * 20) + (at / 288)) % 256))])
        );
}
