using System.Runtime.InteropServices;
using Pipeline.Models.Onnx;
using Pipeline.Models.Tests.Weights;
using Pipeline.OnnxGraphs;

namespace Pipeline.Models.Tests.Onnx;

/// <summary>Tensors in other files: read where the file is the model's own, refused in every place where it is not.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Places() => [.. HostilePlaces.All.Keys];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Places))]
    public void Tensor_outside_the_folder_is_refused_in_every_place(string place)
    {
        Directory.CreateDirectory(folder.File("model"));
        File.WriteAllBytes(folder.File("secret"), Values(5, 6));
        var path = Write("model/model.onnx", HostilePlaces.All[place](HostilePlaces.External("../secret")));

        var act = () => OnnxModel.Open(path, new OnnxOptions());

        act.Should().Throw<InvalidDataException>().WithMessage($"{path}: {place}: external_data.location is \"../secret\"; it must be*");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Tensor_in_the_folder_is_put_in_its_place(string place)
    {
        File.WriteAllBytes(folder.File("weights.bin"), Values(9, 9, 5, 2));
        var path = Write("model.onnx", HostilePlaces.All[place](HostilePlaces.External("weights.bin", "8", "8")));
        var whole = Write("whole.onnx", HostilePlaces.All[place](HostilePlaces.Plain(5)));

        var read = OnnxFile.Read(path);

        read.Bytes.Length.Should().Be(OnnxFile.Read(whole).Bytes.Length, "the same fields, in another order");
        read.Bytes.AsSpan().IndexOf(Values(5, 2)).Should().BePositive();
        read.Bytes.AsSpan().IndexOf("weights.bin"u8).Should().Be(-1);
    }

    [Theory]
    [InlineData("graph.initializer[0] (\"w\")")]
    [InlineData("graph.node[0] (Constant).attribute[0] (\"value\").t (\"w\")")]
    [InlineData("functions[0] (\"Own\").node[0] (Constant).attribute[0] (\"value\").t (\"w\")")]
    public void Graph_with_a_tensor_in_another_file_runs_and_needs_the_file_no_more(string place)
    {
        File.WriteAllBytes(folder.File("weights.bin"), Values(5, 6));
        using var model = OnnxModel.Open(
            Write("model.onnx", HostilePlaces.All[place](HostilePlaces.External("weights.bin"))),
            new OnnxOptions()
        );
        File.WriteAllBytes(folder.File("weights.bin"), Values(7, 8));

        var result = model.Run([], ["y"]).Single();

        result.Values.Should().Equal(5, 6);
    }

    [Theory]
    [InlineData("/etc/hostname", null, null, "location is \"/etc/hostname\"")]
    [InlineData("", null, null, "location is \"\"")]
    [InlineData("a/../../secret", null, null, "location is \"a/../../secret\"")]
    [InlineData("./weights.bin", null, null, "location is \"./weights.bin\"")]
    [InlineData("..\\secret", null, null, "location is \"..\\secret\"")]
    [InlineData("file:secret", null, null, "location is \"file:secret\"")]
    [InlineData("*/_ORT_MEM_ADDR_/*", "140000000000000", "8", "location is \"*/_ORT_MEM_ADDR_/*\", which is not there")]
    [InlineData("gone.bin", null, null, "location is \"gone.bin\", which is not there")]
    [InlineData(null, "0", "8", "location is not there")]
    [InlineData("weights.bin", "9", null, "offset is 9 with 8 bytes after it; it must be within the 16 bytes")]
    [InlineData("weights.bin", "9223372036854775807", null, "offset is 9223372036854775807")]
    [InlineData("weights.bin", "-8", null, "offset is \"-8\"")]
    [InlineData("weights.bin", "99999999999999999999", null, "offset is \"99999999999999999999\"")]
    [InlineData("weights.bin", "0", "12", "length is 12; it must be 8")]
    [InlineData("weights.bin", "0", "0x8", "length is \"0x8\"")]
    [InlineData("outside.bin", null, null, "location is \"outside.bin\", a link out of the model's cache")]
    [InlineData("down/secret", null, null, "location is \"down/secret\", a link out of the model's cache")]
    public void Entry_that_does_not_hold_is_refused(string? location, string? offset, string? length, string fault)
    {
        Directory.CreateDirectory(folder.File("model"));
        File.WriteAllBytes(folder.File("secret"), Values(5, 6));
        File.WriteAllBytes(folder.File("model/weights.bin"), Values(1, 2, 3, 4));
        File.CreateSymbolicLink(folder.File("model/outside.bin"), "../secret");
        Directory.CreateSymbolicLink(folder.File("model/down"), "..");
        var tensor = HostilePlaces.External(location, offset, length);
        var path = Write("model/model.onnx", HostilePlaces.All["graph.initializer[0] (\"w\")"](tensor));

        var act = () => OnnxModel.Open(path, new OnnxOptions());

        act.Should().Throw<InvalidDataException>().Which.Message.Should().Contain($"graph.initializer[0] (\"w\"): external_data.{fault}");
    }

    [Theory]
    [InlineData("prepacked_0", "an entry \"prepacked_0\"")]
    [InlineData("location", "location is there twice")]
    public void Key_that_is_unknown_or_doubled_is_refused(string key, string fault)
    {
        File.WriteAllBytes(folder.File("weights.bin"), Values(1, 2));
        var tensor = HostilePlaces.External("weights.bin").Message(13, new ProtoMessage().Text(1, key).Text(2, "x"));
        var path = Write("model.onnx", HostilePlaces.All["graph.initializer[0] (\"w\")"](tensor));

        var act = () => OnnxModel.Open(path, new OnnxOptions());

        act.Should().Throw<InvalidDataException>().Which.Message.Should().Contain(fault);
    }

    [Fact]
    public void Snapshot_of_a_cache_may_link_into_its_own_blobs()
    {
        var path = Cache("models--org--one", "../../blobs/1234");

        using var model = OnnxModel.Open(path, new OnnxOptions());

        model.Run([], ["y"]).Single().Values.Should().Equal(5, 6);
    }

    [Fact]
    public void Snapshot_of_a_cache_may_not_link_into_another_models_blobs()
    {
        Cache("models--org--two", "../../blobs/1234");
        var path = Cache("models--org--one", "../../../models--org--two/blobs/1234");

        var act = () => OnnxModel.Open(path, new OnnxOptions());

        act.Should().Throw<InvalidDataException>().WithMessage("*a link out of the model's cache*");
    }

    [Fact]
    public void Model_folder_may_be_a_link_itself()
    {
        Directory.CreateDirectory(folder.File("real"));
        File.WriteAllBytes(folder.File("real/weights.bin"), Values(5, 6));
        Write("real/model.onnx", HostilePlaces.All["graph.initializer[0] (\"w\")"](HostilePlaces.External("weights.bin")));
        Directory.CreateSymbolicLink(folder.File("named"), "real");

        using var model = OnnxModel.Open(folder.File("named/model.onnx"), new OnnxOptions());

        model.Run([], ["y"]).Single().Values.Should().Equal(5, 6);
    }

    /// <summary>A model as huggingface_hub lays it: snapshots are links to blobs, here also the other file.</summary>
    private string Cache(string name, string target)
    {
        var snapshot = Directory.CreateDirectory(folder.File($"{name}/snapshots/abc")).FullName;
        Directory.CreateDirectory(folder.File($"{name}/blobs"));
        File.WriteAllBytes(folder.File($"{name}/blobs/1234"), Values(5, 6));
        Write($"{name}/blobs/5678", HostilePlaces.All["graph.initializer[0] (\"w\")"](HostilePlaces.External("model.onnx_data")));
        File.CreateSymbolicLink(Path.Combine(snapshot, "model.onnx"), "../../blobs/5678");
        File.CreateSymbolicLink(Path.Combine(snapshot, "model.onnx_data"), target);
        return Path.Combine(snapshot, "model.onnx");
    }

    private string Write(string name, ProtoMessage model)
    {
        File.WriteAllBytes(folder.File(name), model.ToArray());
        return folder.File(name);
    }

    private static byte[] Values(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
