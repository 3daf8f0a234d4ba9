using System.Text.Json;
using Pipeline.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Weights;

public sealed class WeightFilesTests : IDisposable
{
    private const string Index = "model.safetensors.index.json";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void One_file_is_preferred_to_an_index()
    {
        Shard("model.safetensors", "a");
        File.WriteAllText(folder.File(Index), "not read");

        using var weights = WeightFiles.Open(folder.Root);

        weights.Entries.Keys.Should().Equal("a");
        weights.Path.Should().Be(folder.File("model.safetensors"));
    }

    [Fact]
    public void Shards_are_read_as_one()
    {
        Shard("one.safetensors", "b", "c");
        Directory.CreateDirectory(folder.File("more"));
        Shard("more/two.safetensors", "a");
        WriteIndex(("b", "one.safetensors"), ("c", "one.safetensors"), ("a", "more/two.safetensors"));

        using var weights = WeightFiles.Open(folder.Root);

        weights.Entries.Keys.Should().Equal("a", "b", "c");
        weights.Tensor("a").data<float>().ToArray().Should().Equal('a', 'a');
        weights.Tensor("c").data<float>().ToArray().Should().Equal('c', 'c');
    }

    [Theory]
    [InlineData("../out.safetensors")]
    [InlineData("/etc/out.safetensors")]
    [InlineData("more/../../out.safetensors")]
    [InlineData("more\\..\\..\\out.safetensors")]
    [InlineData("C:out.safetensors")]
    [InlineData("./one.safetensors")]
    [InlineData("")]
    public void Shard_outside_the_folder_is_refused(string shard)
    {
        WriteIndex(("a", shard));

        Refuses("*index.json: weight_map.a is '*'; it must be the name of a file inside the folder*");
    }

    [Fact]
    public void Shard_of_pickles_is_refused()
    {
        WriteIndex(("a", "pytorch_model-00001.bin"));

        Refuses("*weight_map.a is 'pytorch_model-00001.bin'; it must be the name of a .safetensors file*");
    }

    [Fact]
    public void Every_missing_shard_is_named()
    {
        Shard("one.safetensors", "a");
        WriteIndex(("a", "one.safetensors"), ("b", "two.safetensors"), ("c", "three.safetensors"));

        Refuses("*2 shards that are not there (three.safetensors, two.safetensors)*");
    }

    [Fact]
    public void Tensors_that_are_not_in_their_shard_or_in_two_or_not_named_are_all_named()
    {
        Shard("one.safetensors", "a", "b", "extra");
        Shard("two.safetensors", "b");
        WriteIndex(("a", "two.safetensors"), ("b", "two.safetensors"), ("c", "one.safetensors"));

        Refuses(
            "*a is not in two.safetensors, which the index names for it; c is not in one.safetensors*; "
                + "a is in one.safetensors; b is in two.safetensors and in one.safetensors; extra is in one.safetensors but not in the index*"
        );
    }

    [Theory]
    [InlineData("[]", "*weight_map is missing or no object*")]
    [InlineData("{\"weight_map\":[]}", "*weight_map is missing or no object*")]
    [InlineData("{\"weight_map\":{\"a\":3}}", "*weight_map.a is ''*")]
    [InlineData("{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"x.safetensors\"}}", "*weight_map.a is named twice*")]
    [InlineData("{\"weight_map\":{\"\\ud800\":\"x.safetensors\"}}", "*the index is not JSON*")]
    [InlineData("{\"weight_map\":", "*the index is not JSON*")]
    public void Broken_index_is_named(string json, string message)
    {
        File.WriteAllText(folder.File(Index), json);

        Refuses(message);
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("model.ckpt")]
    [InlineData("weights.PT")]
    [InlineData("model.pth")]
    public void Files_of_pickles_are_refused_with_the_command_that_converts_them(string name)
    {
        File.WriteAllText(folder.File(name), "pickle");

        Refuses($"*{name} is a file of pickles*pipeline models convert {folder.File(name)}");
        var direct = () => WeightFiles.OpenFile(folder.File(name));
        direct.Should().Throw<InvalidDataException>().WithMessage("*pipeline models convert*");
    }

    [Fact]
    public void Folder_without_weights_says_what_it_holds()
    {
        Shard("model.fp16.safetensors", "a");

        var missing = () => WeightFiles.Open(folder.Root);
        var nowhere = () => WeightFiles.Open(folder.File("none"));

        missing
            .Should()
            .Throw<FileNotFoundException>()
            .WithMessage("*model.safetensors is missing*the folder holds model.fp16.safetensors*");
        nowhere.Should().Throw<DirectoryNotFoundException>().WithMessage("*none is not there*");
        WeightFiles.Open(folder.Root, "model.fp16").Dispose();
    }

    [Fact]
    public void Floating_point_is_converted_to_the_compute_type_and_nothing_else()
    {
        using var half = tensor(new[] { 1f, -0.1f, 65504f }).to(ScalarType.Float16);
        using var brain = tensor(new[] { 3e38f }).to(ScalarType.BFloat16);
        using var whole = tensor(new[] { long.MaxValue });
        SafetensorsFile.Write(folder.File("model.safetensors"), [("half", half), ("brain", brain), ("whole", whole)]);

        using var weights = WeightFiles.Open(folder.Root);

        weights.Tensor("half", ComputeType.Float32).data<float>().ToArray().Should().Equal(1f, (float)(Half)(-0.1f), 65504f);
        weights.Tensor("brain", ComputeType.Float32).data<float>().ToArray().Should().Equal(brain.to(ScalarType.Float32).ToSingle());
        weights.Tensor("half", ComputeType.BFloat16).dtype.Should().Be(ScalarType.BFloat16);
        weights.Tensor("whole", ComputeType.BFloat16).data<long>().ToArray().Should().Equal(long.MaxValue);
        weights.Tensor("half").dtype.Should().Be(ScalarType.Float16);
    }

    [Theory]
    [InlineData("float32", ScalarType.Float32)]
    [InlineData("fp32", ScalarType.Float32)]
    [InlineData("bfloat16", ScalarType.BFloat16)]
    [InlineData("bf16", ScalarType.BFloat16)]
    public void Compute_type_is_read_from_its_word(string word, ScalarType scalar) => ComputeType.Parse(word).Scalar.Should().Be(scalar);

    [Fact]
    public void Float16_is_refused_with_the_reason_and_other_words_too()
    {
        var half = () => ComputeType.Parse("float16", "clip.dtype");
        var other = () => ComputeType.Parse("int8");

        half.Should().Throw<ArgumentException>().WithMessage("clip.dtype is float16; it must be float32 or bfloat16*400 times slower*");
        other.Should().Throw<ArgumentException>().WithMessage("dtype is int8*");
    }

    private void Refuses(string message)
    {
        var open = () => WeightFiles.Open(folder.Root);

        open.Should().Throw<InvalidDataException>().WithMessage(message);
    }

    private void Shard(string file, params string[] names)
    {
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(folder.File(file), names.Select(name => (name, tensor(new float[] { name[0], name[0] }))));
    }

    private void WriteIndex(params (string Tensor, string Shard)[] map) =>
        File.WriteAllText(
            folder.File(Index),
            JsonSerializer.Serialize(
                new { metadata = new { total_size = 8 }, weight_map = map.ToDictionary(item => item.Tensor, item => item.Shard) }
            )
        );
}
