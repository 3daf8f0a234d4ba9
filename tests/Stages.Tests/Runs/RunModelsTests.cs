using Pipeline.Models.Hub;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Lineage;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Runs;

public sealed class RunModelsTests : IDisposable
{
    private const string Restricted = "---\nlicense: creativeml-openrail-m\n---\n";

    private const string Editing = """
          caption: { after: ingest }
          describe: {}
          edit: { after: sees, prompts: ['a {} in fog'] }
          constant: { after: ingest }
          filter: { after: edit }
          select: {}
          export: {}
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("run-models-");

    private string Root => folder.FullName;

    private ModelLibrary Library => At("models");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Missing_models_are_one_error_with_the_command_that_gets_all_of_them()
    {
        var check = () => Check("model: org/clip, second: org/other@v2");

        check
            .Should()
            .Throw<PipelineFileException>()
            .WithMessage(
                $"The models org/clip, org/other@v2 are not on this machine;*Get them: pipeline models pull org/clip org/other@v2 --models {Root}/models"
            )
            .Which.Faults.Should()
            .ContainSingle();
        Directory.EnumerateFileSystemEntries(Root).Select(path => Path.GetFileName(path)).Should().Equal("p.yaml");
    }

    [Fact]
    public void Bad_names_are_told_before_models_are_looked_for()
    {
        var check = () => Check("model: ../clip, second: 'a/b@../..'");

        check.Should().Throw<PipelineFileException>().Which.Faults.Should().HaveCount(2);
    }

    [Fact]
    public void Pipeline_without_models_needs_none_and_no_lock()
    {
        var models = RunModels.Of(Pipeline(null), Library, "");

        models.Found.Should().BeEmpty();
        models.Lock.Models.Should().BeEmpty();
    }

    [Fact]
    public void Lock_beside_the_pipeline_must_hold_every_model_as_it_is()
    {
        Write("models/org/clip/main/config.json", "{}");
        Check("model: org/clip").Lock.Write(Root);
        Check("model: org/clip").Found.Should().ContainSingle();
        Write("models/org/other/main/config.json", "{}");
        Write("models/org/clip/main/config.json", "changed");

        var check = () => Check("model: org/clip, second: org/other");

        var faults = check.Should().Throw<PipelineFileException>().Which.Faults;
        faults.Should().HaveCount(2);
        faults[0].Should().Contain("config.json has SHA-256").And.Contain("it must be").And.Contain("pipeline models pull org/clip");
        faults[1].Should().StartWith("The model org/other is not in models.lock beside").And.Contain("pipeline models lock --file");
        RunModels.Of(Pipeline("model: org/other"), Library, Path.Combine(Root, "p.yaml"), mayLack: true).Found.Should().ContainSingle();
    }

    [Fact]
    public void Restricted_licence_is_accepted_once()
    {
        Write("models/org/clip/main/config.json", "{}");
        Write("models/org/clip/main/README.md", Restricted);
        var check = () => Check("model: org/clip");
        check
            .Should()
            .Throw<PipelineFileException>()
            .WithMessage(
                "The licence of org/clip is https://huggingface.co/org/clip, which restricts *pipeline models accept org/clip --models *"
            );

        AcceptedLicences.Add(Library.Places, Library.Find("org/clip"), TimeProvider.System);

        check.Should().NotThrow();
    }

    [Fact]
    public void Fingerprint_follows_what_a_model_holds_and_not_where_it_lies()
    {
        Write("models/org/clip/main/config.json", "{}");
        Write("elsewhere/org/clip/main/config.json", "{}");
        Write("elsewhere/org/clip/main/README.md", "for people");
        Write("changed/org/clip/main/config.json", "{ }");

        var found = new[] { "models", "elsewhere", "changed" }.Select(place => Site(At(place)).Fingerprint).ToList();

        found[1].Should().Be(found[0]);
        found[2].Should().NotBe(found[0]);
        Site(Library).OptionTexts().Should().ContainKey("org/clip").WhoseValue.Should().Be(Library.ContentOf(Library.Find("org/clip")));
    }

    [Fact]
    public void Host_with_another_model_than_the_run_began_with_does_not_serve_it()
    {
        Write("models/org/clip/main/config.json", "{}");
        Write("other/org/clip/main/config.json", "{ }");
        var locked = Check("model: org/clip").Lock;
        Site(Library.With(locked)).Fingerprint.Should().HaveLength(32);

        var other = () => Site(At("other").With(locked)).Fingerprint;
        var missing = () => Site(At("nowhere").With(locked)).Fingerprint;

        other.Should().Throw<InvalidDataException>().WithMessage("The model org/clip in * is not as models.lock has it: config.json*");
        missing.Should().Throw<ModelMissingException>().WithMessage("*pipeline models pull org/clip*");
    }

    [Fact]
    public async Task Card_and_lineage_tell_name_revision_licence_and_hash_and_no_folder()
    {
        Write("models/org/clip/main/config.json", "{}");
        Write("models/org/clip/main/README.md", "---\nlicense: mit\n---\n");
        Write("own/config.json", "{}");
        var own = $"path:{Root}/own";
        using var run = new ServedRun(samples: 2) { Models = Library };
        var settings = $"model: org/clip, second: '{own}'";
        await run.Store.WriteAsync(ModelLock.FileName, Check(settings).Lock.ToBytes(), CancellationToken.None);

        var end = await run.ServeAsync(Yaml(settings) + Editing, EditingKinds.With(new ModelKind()));

        end.Fault.Should().BeNull();
        var card = await File.ReadAllTextAsync(Path.Combine(run.Output, "augmented", "README.md"));
        var content = Library.ContentOf(Library.Find("org/clip"));
        card.Should().Contain($"- sees: the model `org/clip`, revision main, files' hash {content}, licence MIT.");
        card.Should().Contain("- sees: the model `path:own`, files' hash").And.Contain("licence not stated").And.NotContain(Root);
        var shards = new LineageShards(
            run.Store,
            new RunFile
            {
                Id = ServedRun.Id,
                Pipeline = "p",
                Input = run.Input.Path,
                Seed = 0,
                State = "done",
            }
        );
        var subject = (await new LineageIndex(shards, run.Served!.Pipeline).FindAsync("a/0000.png", CancellationToken.None)).Matches[0];
        var record = await new LineageReader(shards, run.Served!.Pipeline).ReadAsync(subject, CancellationToken.None);
        record.Stages.First(stage => stage.Kind == "sees").Models[0].Should().Be(new LineageModel("org/clip", "main", "MIT", content));
    }

    private static string Yaml(string settings) =>
        $$"""
            pipeline: p
            stages:
              ingest: {}
              sees: { {{settings}} }

            """;

    private static PipelineDefinition Pipeline(string? settings) =>
        PipelineFile.Read(
            settings is null ? "pipeline: p\nstages:\n  ingest: {}\n" : Yaml(settings),
            "test",
            new StageCatalog([new IngestKind(), new ModelKind()]),
            []
        );

    private RunModels Check(string settings)
    {
        Write("p.yaml", "");
        return RunModels.Of(Pipeline(settings), Library, Path.Combine(Root, "p.yaml"));
    }

    private StageSite Site(ModelLibrary library)
    {
        using var run = new ServedRun(samples: 0) { Models = library };
        var pipeline = Pipeline("model: org/clip");
        return new StageSite(run.Site(pipeline, new EmbeddedTransport(), new BatchCredits(1)), pipeline.Stages[1], new StageMeter());
    }

    private ModelLibrary At(string given) =>
        ModelLibrary.In(
            new ModelPlaces
            {
                Given = Path.Combine(Root, given),
                IsArgument = true,
                Cache = Path.Combine(Root, "cache"),
                HubCache = Path.Combine(Root, "hub"),
                BuiltIn = Path.Combine(Root, "builtin"),
            }
        );

    private void Write(string path, string text)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
