using System.Net;
using Pipeline.ModelHub;
using Pipeline.Models.Hub;
using Pipeline.Models.Hub.Download;

namespace Pipeline.Models.Tests.Hub;

public sealed class ModelPullTests : IDisposable
{
    private const string Token = "hf_secret";

    private static readonly byte[] Weights = [.. Enumerable.Range(0, 300_000).Select(at => (byte)(at * 31 >> 3))];

    private readonly ModelPlace place = new();
    private readonly HubServer server = new HubServer().With("config.json", "{\"a\":1}").With("model.safetensors", Weights);

    private string Target => Path.Combine(place.Root, "given", HubServer.Id, ModelPlace.Commit);

    private string PartialFolder => Path.Combine(place.Root, "given", HubServer.Id, $".{ModelPlace.Commit}.partial");

    public void Dispose()
    {
        server.Dispose();
        place.Dispose();
    }

    [Fact]
    public async Task Model_is_got_whole_with_manifest_and_branch_and_then_found()
    {
        server
            .With("README.md", "---\nlicense: mit\n---\n")
            .With("pytorch_model.bin", Weights)
            .With("tf_model.h5", "x")
            .With("image.png", "x");
        var reports = new List<PullProgress>();

        var folder = await PullAsync(report: reports.Add);

        folder.Path.Should().Be(Target);
        place.Library.Find(HubServer.Id).Should().Be(folder);
        (folder.Revision, folder.Licence, folder.Where).Should().Be((ModelPlace.Commit, "MIT", "models folder"));
        Directory
            .EnumerateFileSystemEntries(Target)
            .Select(path => Path.GetFileName(path))
            .Should()
            .BeEquivalentTo("README.md", "config.json", "model.safetensors", "pipeline-model.json");
        File.ReadAllBytes(Path.Combine(Target, "model.safetensors")).Should().Equal(Weights);
        ModelManifest.Find(Target)!.Files.Should().Contain(new ModelFile("model.safetensors", Weights.Length, HubServer.Sha256(Weights)));
        Directory.Exists(PartialFolder).Should().BeFalse();
        reports[^1].Done.Should().Be(reports[^1].Total).And.BeGreaterThan(Weights.Length);
    }

    [Fact]
    public async Task What_is_there_is_not_asked_for_again()
    {
        await PullAsync();
        var before = server.FileRequests.Count;

        await PullAsync();

        server.FileRequests.Count.Should().Be(before).And.Be(2);
    }

    [Fact]
    public async Task Cut_file_goes_on_where_it_was_cut()
    {
        var cuts = 2;
        server.Instead = (_, context) =>
            IsWeights(context) && cuts-- > 0 && context.Request.Headers["Range"] is null && HubServer.Cut(context, Weights, 100_000);

        await PullAsync();

        server
            .FileRequests.Where(request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal))
            .Select(request => request.Range)
            .Should()
            .Equal(null, "bytes=100000-");
        File.ReadAllBytes(Path.Combine(Target, "model.safetensors")).Should().Equal(Weights);
    }

    [Fact]
    public async Task Pull_that_was_ended_goes_on_in_the_next_process()
    {
        WritePart(Weights[..200_000]);

        await PullAsync();

        server.FileRequests.Should().Contain(request => request.Range == "bytes=200000-");
        File.ReadAllBytes(Path.Combine(Target, "model.safetensors")).Should().Equal(Weights);
    }

    [Fact]
    public async Task Begun_file_of_other_bytes_is_seen_at_the_end_and_got_anew()
    {
        WritePart(new byte[200_000]);

        await PullAsync();

        File.ReadAllBytes(Path.Combine(Target, "model.safetensors")).Should().Equal(Weights);
        server
            .FileRequests.Where(request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal))
            .Select(request => request.Range)
            .Should()
            .Equal("bytes=200000-", null);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(416)]
    [InlineData(206)]
    public async Task Server_that_does_not_go_on_is_asked_for_the_whole(int status)
    {
        WritePart(Weights[..200_000]);
        server.Instead = (_, context) =>
            context.Request.Headers["Range"] is not null
            && status switch
            {
                200 => HubServer.Answer(context, 200, Weights),
                206 => HubServer.Answer(
                    context,
                    206,
                    Weights[100..],
                    ("Content-Range", $"bytes 100-{Weights.Length - 1}/{Weights.Length}")
                ),
                _ => HubServer.Answer(context, status),
            };

        await PullAsync();

        File.ReadAllBytes(Path.Combine(Target, "model.safetensors")).Should().Equal(Weights);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    public async Task Wrong_bytes_are_thrown_away_with_an_error_that_names_both_hashes(string file)
    {
        var wrong = server.Files[file].ToArray();
        wrong[^1] ^= 1;
        server.Instead = (_, context) => Asks(context, file) && HubServer.Answer(context, 200, wrong);

        var pull = () => PullAsync();

        var wanted = file == "config.json" ? HubServer.Blob(server.Files[file]) : HubServer.Sha256(Weights);
        (await pull.Should().ThrowAsync<HubException>()).WithMessage($"The file {file} of *has the hash *; it must be {wanted}*");
        Directory.Exists(Target).Should().BeFalse();
        File.Exists(Path.Combine(PartialFolder, file + ".part")).Should().BeFalse();
    }

    [Fact]
    public async Task Longer_file_than_listed_is_not_taken()
    {
        server.Instead = (_, context) => IsWeights(context) && HubServer.Answer(context, 200, [.. Weights, 1]);

        var pull = () => PullAsync();

        (await pull.Should().ThrowAsync<HubException>()).WithMessage("*is longer than 300000 bytes*");
    }

    [Fact]
    public async Task Redirect_to_another_host_is_followed_without_the_token()
    {
        using var other = new HubServer { Instead = (_, context) => HubServer.Answer(context, 200, Weights) };
        server.Entry = (_, entry) =>
        {
            entry.Remove("lfs");
            entry.Remove("blobId");
            return entry;
        };
        server.Instead = (_, context) =>
            IsWeights(context)
            && HubServer.Answer(
                context,
                302,
                null,
                ("Location", new Uri(other.Address, "/cdn/x?sig=1").AbsoluteUri),
                ("X-Linked-Etag", $"\"{HubServer.Sha256(Weights)}\"")
            );

        await PullAsync(server.Settings with { Token = Token });

        server.Requests.Should().OnlyContain(request => request.Authorization == $"Bearer {Token}");
        other.Requests.Should().ContainSingle().Which.Authorization.Should().BeNull();
        File.ReadAllBytes(Path.Combine(Target, "model.safetensors")).Should().Equal(Weights);
    }

    [Fact]
    public async Task Redirect_within_the_hub_keeps_the_token()
    {
        server.Instead = (number, context) =>
            number == 0 && HubServer.Answer(context, 307, null, ("Location", $"/api/models/{HubServer.Id}/revision/{ModelPlace.Commit}"));

        await PullAsync(server.Settings with { Token = Token });

        server.Requests.Should().OnlyContain(request => request.Authorization == $"Bearer {Token}");
    }

    [Theory]
    [InlineData("http://example.com/x")]
    [InlineData("ftp://example.com/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user:word@example.com/x")]
    public async Task Redirect_to_an_unsafe_address_is_refused(string location)
    {
        server.Instead = (_, context) => IsWeights(context) && HubServer.Answer(context, 302, null, ("Location", location));

        var pull = () => PullAsync();

        (await pull.Should().ThrowAsync<HubException>()).WithMessage("*is redirected to *; it must be an https address*");
    }

    [Fact]
    public async Task Endless_redirects_are_refused()
    {
        server.Instead = (_, context) => HubServer.Answer(context, 302, null, ("Location", "/again"));

        var pull = () => PullAsync();

        (await pull.Should().ThrowAsync<HubException>()).WithMessage("*redirected more than 5 times*");
        server.Requests.Should().HaveCount(6);
    }

    [Theory]
    [InlineData(401, "GatedRepo", "*is gated, and no token was sent*set HF_TOKEN*")]
    [InlineData(403, "GatedRepo", "*is gated*")]
    [InlineData(401, "", "*does not exist, or is private*")]
    [InlineData(403, "", "*is not to be had (403)*")]
    [InlineData(404, "RevisionNotFound", "*has no such revision*")]
    [InlineData(404, "RepoNotFound", "*does not exist on 127.0.0.1 (404)*")]
    [InlineData(418, "", "*is answered with 418*")]
    public async Task Refusal_says_what_it_means_and_is_not_repeated(int status, string code, string message)
    {
        server.Instead = (_, context) => HubServer.Answer(context, status, null, ("X-Error-Code", code));

        var pull = () => PullAsync();

        (await pull.Should().ThrowAsync<HubException>()).WithMessage(message);
        server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Gated_file_is_told_and_the_token_is_in_no_message()
    {
        server.Instead = (_, context) => IsWeights(context) && HubServer.Answer(context, 403, null, ("X-Error-Code", "GatedRepo"));

        var pull = () => PullAsync(server.Settings with { Token = Token });

        (await pull.Should().ThrowAsync<HubException>())
            .WithMessage("*model.safetensors*is gated, and the token was not enough*")
            .Which.ToString()
            .Should()
            .NotContain(Token);
    }

    [Fact]
    public async Task Busy_hub_is_asked_again_when_it_says()
    {
        server.Instead = (number, context) =>
            number switch
            {
                0 => HubServer.Answer(context, 429, null, ("Retry-After", "7")),
                1 => HubServer.Answer(context, 503),
                _ => false,
            };

        await PullAsync();

        server.Waits.Should().Equal(TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Hub_that_stays_busy_or_asks_for_too_long_a_wait_is_left()
    {
        server.Instead = (_, context) => HubServer.Answer(context, 500);
        var always = () => PullAsync();
        (await always.Should().ThrowAsync<HubException>()).WithMessage("*answered 500, 6 times in a row.*give the same command again*");

        server.Instead = (_, context) => HubServer.Answer(context, 429, null, ("Retry-After", "3600"));
        var tooLong = () => PullAsync();
        (await tooLong.Should().ThrowAsync<HubException>()).WithMessage("*The hub asks to wait 3600 s.*");
    }

    [Fact]
    public async Task Listed_file_that_is_missing_is_named()
    {
        server.Instead = (_, context) => IsWeights(context) && HubServer.Answer(context, 404, null, ("X-Error-Code", "EntryNotFound"));

        var pull = () => PullAsync();

        (await pull.Should().ThrowAsync<HubException>()).WithMessage(
            $"The file model.safetensors of {HubServer.Id}@{ModelPlace.Commit} does not exist*"
        );
    }

    [Fact]
    public async Task Silent_hub_is_not_waited_for()
    {
        server.Instead = (_, context) => true; // never answered

        var pull = () => PullAsync(server.Settings with { Stall = TimeSpan.FromMilliseconds(100), Attempts = 2 });

        (await pull.Should().ThrowAsync<HubException>()).WithMessage("*did not answer within*, 2 times in a row*");
    }

    [Theory]
    [InlineData("../../evil.json")]
    [InlineData("a/../../evil.json")]
    [InlineData("/etc/evil.json")]
    [InlineData("a//evil.json")]
    [InlineData("a\\..\\evil.json")]
    [InlineData("c:evil.json")]
    [InlineData("evil\u0000.json")]
    [InlineData("evil .json/x.json ")]
    public async Task Hostile_name_of_a_file_writes_nothing(string path)
    {
        server.Entry = (name, entry) => name == "config.json" ? new(entry) { ["rfilename"] = path } : entry;
        string[] before = [.. Everything()];

        try
        {
            await PullAsync();
            server.FileRequests.Should().ContainSingle("a hidden part is passed over").Which.Path.Should().EndWith("model.safetensors");
        }
        catch (HubException refused)
        {
            refused.Message.Should().Contain("a file's name must stay within the model's folder");
            Everything().Should().Equal(before);
        }

        Everything().Should().NotContain(entry => entry.Contains("evil", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"sha\":\"../..\",\"siblings\":[]}")]
    [InlineData("{\"sha\":\"abc\",\"siblings\":[{}]}")]
    [InlineData("{\"sha\":\"abc\",\"siblings\":[{\"rfilename\":\"a\"},{\"rfilename\":\"a\"}]}")]
    [InlineData("{\"sha\":\"abc\",\"siblings\":7}")]
    public async Task List_of_another_form_is_an_error(string json)
    {
        server.Instead = (_, context) => HubServer.Answer(context, 200, System.Text.Encoding.UTF8.GetBytes(json));

        var pull = () => PullAsync();

        (await pull.Should().ThrowAsync<HubException>()).WithMessage("*is listed in a form that is not known*");
    }

    [Fact]
    public async Task Repository_without_weights_and_a_file_without_a_hash_are_refused()
    {
        server.Entry = (_, entry) =>
        {
            entry.Remove("lfs");
            entry.Remove("blobId");
            return entry;
        };
        server.Instead = (_, context) => IsWeights(context) && HubServer.Answer(context, 200, Weights);
        var nameless = () => PullAsync();
        (await nameless.Should().ThrowAsync<HubException>()).WithMessage("*has no hash by which it could be checked*");

        server.Files.Remove("model.safetensors");
        var empty = () => PullAsync();
        (await empty.Should().ThrowAsync<HubException>()).WithMessage("*has no weights that can be read*");
    }

    [Fact]
    public async Task Full_disk_is_seen_before_anything_comes()
    {
        var pull = () => PullAsync(server.Settings with { FreeBytes = _ => 1_000_000 });

        (await pull.Should().ThrowAsync<HubException>()).WithMessage("*has 1000000 bytes free; * must be. Make room*");
        server.FileRequests.Should().BeEmpty();
    }

    [Fact]
    public async Task More_files_come_to_a_folder_that_is_there()
    {
        server.With("onnx/model.onnx", "graph").With("onnx/model_quantized.onnx", "small");
        await PullAsync();

        await PullAsync(choice: new HubFileChoice(Onnx: true));
        await PullAsync(choice: new HubFileChoice(Variant: "quantized"));

        ModelManifest
            .Find(Target)!
            .Files.Select(file => file.Path)
            .Should()
            .Equal("config.json", "model.safetensors", "onnx/model.onnx", "onnx/model_quantized.onnx");
        File.ReadAllText(Path.Combine(Target, "onnx", "model_quantized.onnx")).Should().Be("small");
        Directory.Exists(PartialFolder).Should().BeFalse();
    }

    [Fact]
    public async Task Folder_that_another_process_fills_is_left_to_it()
    {
        Directory.CreateDirectory(PartialFolder);
        using var held = new FileStream(Path.Combine(PartialFolder, ".lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        var pull = () => PullAsync();

        (await pull.Should().ThrowAsync<HubException>()).WithMessage("*is being filled by another process*");
    }

    [Fact]
    public async Task Folders_and_what_is_shipped_are_not_pulled()
    {
        var pull = () =>
            new ModelPull(place.Library, server.Settings).GetAsync(ModelName.Parse("builtin:x"), new(), _ => { }, CancellationToken.None);

        (await pull.Should().ThrowAsync<HubException>()).WithMessage("The model builtin:x is not of the hub*");
        server.Requests.Should().BeEmpty();
    }

    private static bool IsWeights(HttpListenerContext context) => Asks(context, "model.safetensors");

    private static bool Asks(HttpListenerContext context, string file) =>
        context.Request.Url!.AbsolutePath.EndsWith("/" + file, StringComparison.Ordinal);

    private Task<ModelFolder> PullAsync(HubSettings? settings = null, HubFileChoice? choice = null, Action<PullProgress>? report = null) =>
        new ModelPull(place.Library, settings ?? server.Settings).GetAsync(
            ModelName.Parse(HubServer.Id),
            choice ?? new HubFileChoice(),
            report ?? (_ => { }),
            new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token
        );

    private void WritePart(byte[] bytes)
    {
        Directory.CreateDirectory(PartialFolder);
        File.WriteAllBytes(Path.Combine(PartialFolder, "model.safetensors.part"), bytes);
    }

    private IEnumerable<string> Everything() => Directory.EnumerateFileSystemEntries(place.Root, "*", SearchOption.AllDirectories);
}
