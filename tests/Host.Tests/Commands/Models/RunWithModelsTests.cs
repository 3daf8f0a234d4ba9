using Pipeline.Host.Commands;
using Pipeline.Host.Commands.Models;
using Pipeline.ModelHub;

namespace Pipeline.Host.Tests.Commands.Models;

/// <summary>What <c>run</c> and <c>validate</c> do about the models that a pipeline names.</summary>
public sealed class RunWithModelsTests : IDisposable
{
    private const string Endpoint = "HF_ENDPOINT";

    private readonly TemporaryFolder folder = new();
    private readonly HubServer server = new HubServer().With("config.json", "{}").With("model.safetensors", "x");
    private readonly string? before = Environment.GetEnvironmentVariable(Endpoint);

    public RunWithModelsTests()
    {
        Environment.SetEnvironmentVariable(Endpoint, server.Address.AbsoluteUri);
        Directory.CreateDirectory(Models);
    }

    private string Models => Path.Combine(folder.Root, "models");

    private string Output => Path.Combine(folder.Root, "out");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Endpoint, before);
        server.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("run")]
    [InlineData("run", "--offline")]
    [InlineData("run", "--dry-run")]
    [InlineData("validate")]
    public async Task Missing_models_are_one_error_and_nothing_is_asked_or_written(string command, params string[] more)
    {
        var pipeline = Pipeline($"  embed: {{ model: {HubServer.Id} }}\n  other: {{ kind: embed, after: ingest, model: org/second }}\n");

        var result = command == "run" ? await RunAsync(pipeline, folder.WriteImages(1), more) : await ValidateAsync(pipeline);

        result.Code.Should().Be(2);
        result
            .Error.Should()
            .StartWith($"error: The models {HubServer.Id}, org/second are not on this machine;")
            .And.EndWith($"Get them: pipeline models pull {HubServer.Id} org/second --models {Models}\n");
        server.Requests.Should().BeEmpty();
        Directory.Exists(Output).Should().BeFalse();
    }

    [Fact]
    public async Task Model_that_differs_from_the_lock_stops_the_run_before_anything_is_written()
    {
        var config = folder.Write($"models/{HubServer.Id}/main/config.json", "{}");
        var pipeline = Pipeline($"  embed: {{ model: {HubServer.Id} }}\n");
        var locked = await CommandLineResult.Of(
            ModelsCommand.Create(new Confirmation(TextReader.Null), () => server.Settings),
            "models",
            "lock",
            "--file",
            pipeline,
            "--models",
            Models
        );
        var good = await ValidateAsync(pipeline);
        await File.WriteAllTextAsync(config, "changed");

        var run = await RunAsync(pipeline, folder.WriteImages(1));
        var validate = await ValidateAsync(pipeline);

        locked.Output.Should().StartWith("locked  1 model in ");
        good.Code.Should().Be(0, good.Error);
        run.Code.Should().Be(2);
        run.Error.Should().Contain("is not as models.lock has it: config.json has SHA-256").And.Be(validate.Error);
        Directory.Exists(Output).Should().BeFalse();
    }

    [Fact]
    public async Task Licence_that_nobody_accepted_stops_the_run_with_the_command_that_accepts_it()
    {
        folder.Write($"models/{HubServer.Id}/main/config.json", "{}");
        folder.Write($"models/{HubServer.Id}/main/README.md", "---\nlicense: cc-by-nc-4.0\n---\n");

        var result = await RunAsync(Pipeline($"  embed: {{ model: {HubServer.Id} }}\n"), folder.WriteImages(1));

        result.Code.Should().Be(2);
        result
            .Error.Should()
            .Contain($"The licence of {HubServer.Id} is CC-BY-NC-4.0")
            .And.Contain($"pipeline models accept {HubServer.Id} --models");
        Directory.Exists(Output).Should().BeFalse();
    }

    [Fact]
    public async Task Dry_run_names_revision_licence_and_content_of_each_model()
    {
        folder.Write($"models/{HubServer.Id}/main/config.json", "{}");
        folder.Write($"models/{HubServer.Id}/main/README.md", "---\nlicense: mit\n---\n");

        var result = await RunAsync(Pipeline($"  embed: {{ model: {HubServer.Id} }}\n"), folder.WriteImages(1), "--dry-run");

        result.Code.Should().Be(0, result.Error);
        result.Output.Should().MatchRegex($@"embed +{HubServer.Id} +main +MIT +2 bytes +[0-9a-f]{{32}} +{Models}/");
    }

    [Fact]
    public async Task Offline_run_refuses_an_input_of_addresses()
    {
        var list = folder.Write("in/list.csv", "path,label\nhttps://example.com/a.jpg,a\n");

        var offline = await RunAsync("captions", list, "--offline");
        var dry = await RunAsync("captions", list, "--offline", "--dry-run");

        offline.Code.Should().Be(2);
        offline.Error.Should().Contain("--offline is given, and the input below").And.Contain("names addresses").And.Be(dry.Error);
        Directory.Exists(Output).Should().BeFalse();
    }

    private string Pipeline(string stages) => folder.Write("p.yaml", $"pipeline: p\nstages:\n  ingest: {{}}\n{stages}");

    private Task<CommandLineResult> RunAsync(string pipeline, string input, params string[] more) =>
        CommandLineResult.Of(
            RunCommand.Create(RunHandlers.RunAsync),
            ["run", pipeline, "--input", input, "--output", Output, "--plain", "--models", Models, .. more]
        );

    private Task<CommandLineResult> ValidateAsync(string pipeline) =>
        CommandLineResult.Of(ValidateCommand.Create(RunHandlers.ValidateAsync), "validate", pipeline, "--models", Models);
}
