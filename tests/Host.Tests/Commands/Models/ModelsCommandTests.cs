using Pipeline.Host.Commands;
using Pipeline.Host.Commands.Models;
using Pipeline.ModelHub;

namespace Pipeline.Host.Tests.Commands.Models;

public sealed class ModelsCommandTests : IDisposable
{
    private static readonly byte[] Weights = [.. Enumerable.Range(0, 50_000).Select(at => (byte)(at * 7 >> 2))];

    private readonly TemporaryFolder folder = new();
    private readonly HubServer server = new HubServer()
        .With("config.json", "{}")
        .With("model.safetensors", Weights)
        .With("README.md", "---\nlicense: mit\n---\n");

    private string Models => Path.Combine(folder.Root, "models");

    private string Target => Path.Combine(Models, HubServer.Id, ModelPlace.Commit);

    /// <summary>The reference cases, found from the test assembly upwards.</summary>
    private static string Fixtures
    {
        get
        {
            var above = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(above.FullName, "Pipeline.sln")))
                above = above.Parent!;
            return Path.Combine(above.FullName, "tests", "Fixtures", "golden");
        }
    }

    public void Dispose()
    {
        server.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Pull_downloads_tells_how_far_it_is_and_what_came()
    {
        var result = await RunAsync("", "pull", HubServer.Id, "--plain");

        result.Code.Should().Be(0, result.Error);
        result.Output.Should().Contain($"{HubServer.Id}: model.safetensors, ").And.Contain("of 50.0 kB there");
        result.Line(HubServer.Id).Should().Equal(HubServer.Id, ModelPlace.Commit, "50.0 kB", "MIT", Target);
        File.ReadAllBytes(Path.Combine(Target, "model.safetensors")).Should().Equal(Weights);
    }

    [Fact]
    public async Task Pull_of_a_damaged_file_is_an_error_and_leaves_no_model()
    {
        server.Instead = (_, context) =>
            context.Request.Url!.AbsolutePath.EndsWith("config.json", StringComparison.Ordinal)
            && HubServer.Answer(context, 200, "[]"u8.ToArray());

        var result = await RunAsync("", "pull", HubServer.Id);

        result.Code.Should().Be(2);
        result.Error.Should().Contain("error: The file config.json of").And.Contain("has the hash");
        Directory.Exists(Target).Should().BeFalse();
    }

    [Theory]
    [InlineData("No model is named", "pull")]
    [InlineData("The org of org/name in the model '../y' is '..'", "pull", "../y")]
    [InlineData("The model '../x/y' is no name of a model", "pull", "../x/y")]
    [InlineData("--file is nowhere.yaml, where no file is", "pull", "--file", "nowhere.yaml")]
    [InlineData("builtin:x is none that the program ships", "pull", "org/clip", "builtin:x")]
    [InlineData("is not on this machine", "check", "org/clip")]
    [InlineData("is not on this machine", "verify", "org/clip")]
    [InlineData("is not on this machine", "accept", "org/clip")]
    [InlineData("is none that the program ships; it must be one of: builtin:nsfw-mobilenet-v2", "check", "builtin:x")]
    [InlineData("is not a file; it must be a checkpoint", "convert", "/nowhere/x.bin")]
    public async Task What_cannot_be_meant_is_an_error_of_usage(string error, params string[] arguments)
    {
        Directory.CreateDirectory(Models);

        var result = await RunAsync("", arguments);

        result.Code.Should().Be(2, result.Output);
        result.Error.Should().Contain(error);
        server.FileRequests.Should().BeEmpty();
    }

    [Fact]
    public async Task Offline_pull_asks_nothing_says_what_is_missing_and_is_content_with_what_is_there()
    {
        var missing = await RunAsync("", "pull", HubServer.Id, "--offline");
        server.Requests.Should().BeEmpty();
        await RunAsync("", "pull", HubServer.Id);
        var asked = server.Requests.Count;
        var present = await RunAsync("", "pull", HubServer.Id, "--offline");

        missing.Code.Should().Be(2);
        missing
            .Error.Should()
            .Contain("--offline is given, and nothing is downloaded.")
            .And.Contain($"pipeline models pull {HubServer.Id}");
        present.Code.Should().Be(0, present.Error);
        present.Line(HubServer.Id).Should().HaveCount(5);
        server.Requests.Count.Should().Be(asked);
    }

    [Fact]
    public async Task List_tells_where_each_model_lies_and_whether_its_licence_is_accepted()
    {
        server.Card["license"] = "openrail++";
        await RunAsync("", "pull", HubServer.Id);

        var before = await RunAsync("", "list");
        var refused = await RunAsync("n\n", "accept", HubServer.Id);
        var accepted = await RunAsync("y\n", "accept", HubServer.Id);
        var after = await RunAsync("", "list");

        before
            .Line(HubServer.Id)
            .Should()
            .Equal(HubServer.Id, ModelPlace.Commit, "50.0 kB", $"https://huggingface.co/{HubServer.Id}", "models folder", "no");
        before.Line("builtin:nsfw-mobilenet-v2")[^2..].Should().Equal("program", "not needed");
        refused.Output.Should().Contain("Nothing was accepted.");
        accepted.Output.Should().Contain("'openrail++'").And.Contain("Accepted; noted in");
        after.Line(HubServer.Id)[^1].Should().MatchRegex(@"^\d{4}-\d\d-\d\d$");
        (await RunAsync("", "accept", HubServer.Id)).Output.Should().Contain("was accepted on");
        (await RunAsync("", "accept", "builtin:nsfw-mobilenet-v2")).Output.Should().Contain("nothing is to be accepted");
    }

    [Fact]
    public async Task Pull_says_which_licence_is_to_be_accepted_and_which_checkpoint_to_be_converted()
    {
        server.Card["license"] = "cc-by-nc-4.0";
        server.Files.Remove("model.safetensors");
        server.With("pytorch_model.bin", Weights);

        var result = await RunAsync("", "pull", HubServer.Id);

        result.Output.Should().Contain($"pipeline models accept {HubServer.Id} --models {Models}");
        result.Output.Should().Contain("pipeline models convert").And.Contain("pytorch_model.bin");
    }

    [Fact]
    public async Task What_the_program_ships_is_verified_and_a_folder_without_hashes_is_not_called_good()
    {
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "config.json"), "{}");

        var shipped = await RunAsync("", "verify", "builtin:nsfw-mobilenet-v2");
        var bare = await RunAsync("", "verify", $"path:{Target}");

        shipped.Line("builtin:nsfw-mobilenet-v2").Should().Equal("builtin:nsfw-mobilenet-v2", "–", "2", "0", "good");
        bare.Output.Should().Contain("nothing to hold it against").And.NotContain("good");
    }

    [Fact]
    public async Task Verify_hashes_again_and_names_the_file_that_changed()
    {
        await RunAsync("", "pull", HubServer.Id);
        var good = await RunAsync("", "verify", HubServer.Id);
        var (path, time) = (Path.Combine(Target, "model.safetensors"), File.GetLastWriteTimeUtc(Path.Combine(Target, "model.safetensors")));
        var bytes = Weights.ToArray();
        bytes[40_000] ^= 1;
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, time);
        var bad = await RunAsync("", "verify", HubServer.Id);

        good.Code.Should().Be(0);
        good.Line(HubServer.Id).Should().Equal(HubServer.Id, ModelPlace.Commit, "2", "0", "good");
        bad.Code.Should().Be(1);
        bad.Output.Should()
            .Contain("NOT AS IT MUST BE")
            .And.Contain("model.safetensors has the hash")
            .And.Contain(HubServer.Sha256(Weights));
    }

    [Fact]
    public async Task Lock_of_a_pipeline_is_written_beside_it_and_does_not_change_by_itself()
    {
        var pipeline = folder.Write("p.yaml", "pipeline: p\nstages:\n  ingest: {}\n  safety: { kind: caption }\n");
        Directory.CreateDirectory(Models);

        var result = await RunAsync("", "lock", "--file", pipeline);
        var text = await File.ReadAllTextAsync(Path.Combine(folder.Root, "models.lock"));
        await RunAsync("", "lock", "--file", pipeline);

        result.Code.Should().Be(0, result.Error);
        result.Output.Should().StartWith("locked  0 models in ");
        (await File.ReadAllTextAsync(Path.Combine(folder.Root, "models.lock"))).Should().Be(text).And.Contain("\"models\": {}");
    }

    [Fact]
    public async Task Check_prints_what_the_shipped_classifier_sees()
    {
        var result = await RunAsync("", "check", "builtin:nsfw-mobilenet-v2");

        result.Code.Should().Be(0, result.Error);
        result.Output.Should().Contain("a red house on a meadow, drawn").And.Contain("sees     probability\nNeutral  0.");
        result.Output.Should().Contain("Not flagged, score 0.").And.Contain("MIT");
    }

    [Fact]
    public async Task Check_looks_at_the_picture_that_is_named_and_refuses_what_is_none()
    {
        var images = folder.WriteImages(1);
        var text = folder.Write("x.txt", "no picture");

        var good = await RunAsync("", "check", "builtin:nsfw-mobilenet-v2", "--picture", Path.Combine(images, "train", "red", "0.jpg"));
        var bad = await RunAsync("", "check", "builtin:nsfw-mobilenet-v2", "--picture", text);

        good.Code.Should().Be(0, good.Error);
        bad.Code.Should().Be(2);
        bad.Error.Should().Contain("is no picture that can be read");
    }

    [Fact]
    public async Task Convert_refuses_what_is_no_checkpoint_and_a_target_that_is_there()
    {
        var source = folder.Write("pytorch_model.bin", "no zip");

        var broken = await RunAsync("", "convert", source);
        folder.Write("model.safetensors", "there");
        var there = await RunAsync("", "convert", source);
        var other = await RunAsync("", "convert", source, "--to", Path.Combine(folder.Root, "x.bin"));

        broken.Code.Should().Be(2);
        broken.Error.Should().Contain("pytorch_model.bin");
        there.Error.Should().Contain("model.safetensors is there already");
        other.Error.Should().Contain("has another ending; it must be a new file that ends in .safetensors");
    }

    [Fact]
    public async Task Quantize_writes_int8_beside_each_graph_and_not_into_what_is_not_ours()
    {
        var graph = Path.Combine(Fixtures, "onnx", "model", "onnx", "vision_model.onnx");
        Directory.CreateDirectory(Path.Combine(Target, "onnx"));
        File.Copy(graph, Path.Combine(Target, "onnx", "vision_model.onnx"));

        var model = await RunAsync("", "quantize", $"{HubServer.Id}@{ModelPlace.Commit}");
        var again = await RunAsync("", "quantize", $"{HubServer.Id}@{ModelPlace.Commit}");
        var file = await RunAsync("", "quantize", graph, "--to", Path.Combine(folder.Root, "small.onnx"));
        var shipped = await RunAsync("", "quantize", "builtin:nsfw-mobilenet-v2");

        model.Code.Should().Be(0, model.Error);
        model.Line("vision_model.onnx").Should().HaveCount(6);
        File.Exists(Path.Combine(Target, "onnx", "vision_model_int8.onnx")).Should().BeTrue();
        again.Error.Should().Contain("vision_model_int8.onnx is there already");
        file.Code.Should().Be(0, file.Error);
        File.ReadAllBytes(Path.Combine(folder.Root, "small.onnx"))
            .Should()
            .Equal(File.ReadAllBytes(Path.Combine(Target, "onnx", "vision_model_int8.onnx")));
        shipped.Error.Should().Contain("where nothing is written");
    }

    [Fact]
    public async Task Check_of_a_clip_model_ranks_texts()
    {
        var result = await RunAsync("", "check", $"path:{Path.Combine(Fixtures, "clip", "model")}");

        result.Code.Should().Be(0, result.Error);
        result.Output.Should().Contain("is       clip").And.Contain("a drawing of a red house").And.Contain("a bowl of fruit");
    }

    [Fact]
    public async Task Models_folder_that_is_not_there_is_named()
    {
        var result = await CommandLineResult.Of(Command(""), "models", "list", "--models", "/nowhere/models");

        result.Code.Should().Be(2);
        result.Error.Should().Contain("The models folder /nowhere/models is not there");
    }

    private System.CommandLine.Command Command(string answers) =>
        ModelsCommand.Create(new Confirmation(new StringReader(answers)), () => server.Settings);

    private Task<CommandLineResult> RunAsync(string answers, params string[] arguments)
    {
        if (arguments[0] != "pull")
            Directory.CreateDirectory(Models);
        string[] places = arguments[0] == "convert" ? [] : ["--models", Models];
        return CommandLineResult.Of(Command(answers), ["models", .. arguments, .. places]);
    }
}
