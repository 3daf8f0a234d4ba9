using System.Runtime.CompilerServices;
using Pipeline.Plugins;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Plugins;

public sealed class PluginFolderTests
{
    [Fact]
    public async Task Plugin_that_lies_there_is_loaded_with_its_columns_and_its_hash()
    {
        await using var folder = new WatchedFolder();
        var file = folder.Drop(PluginSources.Number());

        await folder.OpenAsync();

        var kind = folder.Kind("number");
        kind.Plugin.Should().Be(new PluginIdentity("Numbers", kind.Plugin.Sha256, file));
        kind.Plugin.Sha256.Should().MatchRegex("^[0-9a-f]{64}$");
        StageManifest.Of(kind).Sha256.Should().Be(kind.Plugin.Sha256);
        kind.AddTypes.Select(column => $"{column}").Should().Equal("sample_id:string", "number:float64");
        folder.Log.Should().Contain($"The plugin {file} is loaded (SHA-256 {kind.Plugin.Sha256}): number 1.");
    }

    [Fact]
    public async Task Plugin_that_is_dropped_later_is_loaded_and_told_of()
    {
        await using var folder = await new WatchedFolder().OpenAsync();
        var before = folder.Plugins.Catalog;
        var changed = new TaskCompletionSource<StageCatalog>();
        folder.Plugins.Changed += (_, _) => changed.SetResult(folder.Plugins.Catalog);

        folder.Drop(PluginSources.Number());
        var after = await changed.Task.WaitAsync(TimeSpan.FromSeconds(30));

        after.TryFind("number", out _).Should().BeTrue();
        before.TryFind("number", out _).Should().BeFalse("a snapshot never changes");
    }

    [Fact]
    public async Task Assembly_alone_in_the_folder_is_a_plugin()
    {
        await using var folder = new WatchedFolder();
        File.Move(folder.Drop(PluginSources.Number()), Path.Combine(folder.Path, "Numbers.dll"));

        await folder.OpenAsync();

        folder.Kind("number").Plugin.File.Should().Be(Path.Combine(folder.Path, "Numbers.dll"));
    }

    [Fact]
    public async Task Newer_version_takes_the_place_of_the_older_one_which_can_be_released_then()
    {
        await using var folder = new WatchedFolder();
        folder.Drop(PluginSources.Number());
        await folder.OpenAsync();
        var (old, context) = Loaded(folder);
        var release = () => folder.Plugins.Release(old);
        release.Should().Throw<InvalidOperationException>("it is in force");

        folder.Drop(PluginSources.Number(version: 2));
        await folder.HasAsync(catalog => catalog.Find("number").Version == 2);
        release();

        for (var turn = 0; context.IsAlive && turn < 50; turn++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        folder.Kind("number").Plugin.Sha256.Should().NotBe(old.Sha256);
        context.IsAlive.Should().BeFalse("nothing uses the old version any more");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (PluginIdentity, WeakReference) Loaded(WatchedFolder folder) =>
            (folder.Kind("number").Plugin, new WeakReference(folder.Kind("number").GetType().GetGenericArguments()[0].Assembly));
    }

    [Fact]
    public async Task Same_bytes_copied_again_are_no_new_version()
    {
        await using var folder = new WatchedFolder();
        var file = folder.Drop(PluginSources.Number());
        await folder.OpenAsync();
        var before = folder.Kind("number");

        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddSeconds(1));
        folder.Drop(PluginSources.Number("other"), "Others");
        await folder.SaidAsync("other 1");

        folder.Kind("number").Should().BeSameAs(before);
    }

    [Fact]
    public async Task File_that_is_still_being_written_is_waited_for()
    {
        await using var folder = await new WatchedFolder().OpenAsync();
        var whole = File.ReadAllBytes(folder.Drop(PluginSources.Number(), ".made"));
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Path, "Numbers")).FullName, "Numbers.dll");

        await using (var stream = File.Create(file))
        {
            foreach (var part in whole.Chunk(whole.Length / 20))
            {
                await stream.WriteAsync(part);
                await stream.FlushAsync();
                await Task.Delay(20);
            }
        }

        await folder.HasAsync(catalog => catalog.TryFind("number", out _));
        folder.Log.Should().NotContain("refused");
    }

    public static TheoryData<string, string> Broken() =>
        new()
        {
            {
                PluginSources.Number(constructor: "throw new IOException(\"no licence\");"),
                "(IOException: no licence); their constructors must not fail"
            },
            {
                PluginSources.Number(constructor: "new ManualResetEvent(false).WaitOne();"),
                "are not made after 2 s; their constructors must end sooner"
            },
            { PluginSources.Number("caption"), "its kind is named caption, as one of the program is; names must differ" },
            { PluginSources.Number("Big"), "is named 'Big'; it must be 1 to 64 lower-case letters" },
            { PluginSources.Number(version: 0), "The version of NumberKind is 0; it must be 1 or more" },
            { "public sealed class Nothing { public StageKind? Kind => null; }", "has no kind of stage" },
            {
                PluginSources
                    .Number()
                    .Replace("double Factor", "decimal Factor", StringComparison.Ordinal)
                    .Replace("* options.Factor", "", StringComparison.Ordinal),
                "The option factor of Numbers.NumberOptions is a System.Decimal"
            },
            {
                PluginSources.Number().Replace("[Reads(\"ingest\", \"sample_id\")]", "", StringComparison.Ordinal),
                "Mark it with [Reads(stage, column)]"
            },
            {
                PluginSources
                    .Number()
                    .Replace("NumberRow(string SampleId, double", "NumberRow(string Sample, double", StringComparison.Ordinal),
                "NumberRow, which NumberKind writes, has no sample_id"
            },
            {
                PluginSources
                    .Number()
                    .Replace(
                        "[Reads(\"ingest\", \"sample_id\")] string SampleId",
                        "[Reads(\"edit\", \"sample_id\")] string SampleId, [Reads(\"edit\", \"variant_id\")] string VariantId",
                        StringComparison.Ordinal
                    ),
                "NumberRow, which NumberKind writes, has no variant_id"
            },
            {
                PluginSources
                    .Number()
                    .Replace("double Number", "object Number", StringComparison.Ordinal)
                    .Replace("new(item.SampleId, result)", "new(item.SampleId, (object)result)", StringComparison.Ordinal),
                "NumberRow.Number is of type System.Object"
            },
        };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Broken_version_is_refused_with_the_reason_once_and_the_old_one_stays(string source, string reason)
    {
        await using var folder = new WatchedFolder();
        folder.Drop(PluginSources.Number());
        await folder.OpenAsync();
        var old = folder.Kind("number");

        folder.Drop(source);
        await folder.SaidAsync("The version that was loaded before stays.");
        folder.Drop(PluginSources.Number("other"), "Others");
        await folder.SaidAsync("other 1");

        folder.Log.Should().Contain(reason);
        folder.Log.Split('\n').Count(line => line.Contains("refused", StringComparison.Ordinal)).Should().Be(1);
        folder.Kind("number").Should().BeSameAs(old);
    }

    [Fact]
    public async Task What_is_no_assembly_is_refused()
    {
        await using var folder = new WatchedFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "Text.dll"), "text");

        await folder.OpenAsync();
        await folder.SaidAsync("Text.dll is no .NET assembly");

        folder.Plugins.Catalog.Should().BeSameAs(RunSession.Catalog);
    }

    [Fact]
    public async Task Name_of_another_plugins_kind_is_taken()
    {
        await using var folder = new WatchedFolder();
        var first = folder.Drop(PluginSources.Number(), "A");
        folder.Drop(PluginSources.Number(version: 2), "B");

        await folder.OpenAsync();

        folder.Kind("number").Plugin.File.Should().Be(first);
        folder.Log.Should().Contain($"its kind is named number, as one of {first} is; names must differ");
    }

    [Fact]
    public async Task Plugin_for_another_sdk_is_refused_before_its_code_is_loaded()
    {
        await using var folder = new WatchedFolder();
        folder.Drop("public sealed class Old { public StageKind? Kind => null; }", "Old", new Version(0, 9, 0, 0));

        await folder.OpenAsync();

        folder.Log.Should().Contain("Old.dll is built against Pipeline.Sdk 0.9.0; it must be built against version 0.1. Build it against");
    }

    [Theory]
    [InlineData("0.1.0", "0.1.5", true)]
    [InlineData("0.1.5", "0.1.0", true)]
    [InlineData("0.1.0", "0.2.0", false)]
    [InlineData("0.2.0", "0.1.0", false)]
    [InlineData("0.1.0", "1.0.0", false)]
    [InlineData("1.2.0", "1.2.0", true)]
    [InlineData("1.1.0", "1.2.0", true)]
    [InlineData("1.3.0", "1.2.0", false)]
    [InlineData("1.0.0", "2.0.0", false)]
    public void Sdk_versions_fit(string built, string host, bool expected) =>
        SdkVersion.Fits(Version.Parse(built), Version.Parse(host)).Should().Be(expected);

    [Fact]
    public async Task Manifest_of_a_foreign_stage_is_a_kind_and_a_bad_one_is_refused()
    {
        await using var folder = new WatchedFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "words.stage.json"),
            """{ "name": "words", "version": 1, "reads": { "caption.caption": "string" }, "adds": { "sample_id": "string", "words": "int32" } }"""
        );
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "bad.stage.json"), "{}");

        await folder.OpenAsync(isUnchecked: false);

        folder.Plugins.Catalog.Find("words").Should().BeOfType<ForeignKind>().Which.Adds.Should().Equal("sample_id", "words");
        folder.Log.Should().Contain("bad.stage.json is refused: ").And.Contain("it must be a stage's manifest");
    }

    [Fact]
    public async Task Folder_that_is_not_there_is_an_error()
    {
        var open = () =>
            PluginFolder.OpenAsync(
                new PluginSettings { Folder = "/nowhere" },
                RunSession.Catalog,
                _ => { },
                TimeProvider.System,
                CancellationToken.None
            );

        await open.Should()
            .ThrowAsync<DirectoryNotFoundException>()
            .WithMessage("The plugin folder /nowhere is not there; it must be a folder.*");
    }
}
