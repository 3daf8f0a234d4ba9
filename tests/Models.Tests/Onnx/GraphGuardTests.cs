using System.Text;
using Pipeline.Models.Onnx;
using Pipeline.Models.Tests.Golden;
using Pipeline.Models.Tests.Weights;
using Pipeline.OnnxGraphs;

namespace Pipeline.Models.Tests.Onnx;

/// <summary>What a model file may not have: one hostile file for each.</summary>
public sealed class GraphGuardTests : IDisposable
{
    private static readonly Dictionary<string, (Func<ProtoMessage> Model, string Fault)> Hostile = new(StringComparer.Ordinal)
    {
        ["short raw data"] = (() => Tensor(Raw([2], 1, new byte[7])), "raw_data is 7 bytes long; it must be 8"),
        ["long raw data"] = (() => Tensor(Raw([2], 1, new byte[9])), "raw_data is 9 bytes long; it must be 8"),
        ["raw data twice"] = (() => Tensor(Raw([2], 1, new byte[8]).Bytes(9, new byte[8])), "raw_data is there twice"),
        ["no values"] = (() => Tensor(new ProtoMessage().Packed(1, [2]).Number(2, 1).Text(8, "w")), "values is 0 in number; it must be 2"),
        ["too few values"] = (
            () => Tensor(new ProtoMessage().Packed(1, [2]).Number(2, 7).Text(8, "w").Packed(7, [300])),
            "values is 1 in number; it must be 2"
        ),
        ["values of another type"] = (
            () => Tensor(new ProtoMessage().Packed(1, [1]).Number(2, 1).Text(8, "w").Packed(7, [300])),
            "data_type is float32, whose values lie in another field"
        ),
        ["values in two fields"] = (
            () => Tensor(new ProtoMessage().Packed(1, [1]).Number(2, 7).Text(8, "w").Packed(7, [300]).Packed(5, [1])),
            "values is in two fields"
        ),
        ["raw data and values"] = (
            () => Tensor(Raw([1], 7, new byte[8]).Packed(7, [300])),
            "raw_data is there for a tensor of texts, or beside other values"
        ),
        ["raw data of texts"] = (() => Tensor(Raw([1], 8, new byte[8])), "raw_data is there for a tensor of texts"),
        ["unknown type"] = (() => Tensor(Raw([2], 99, new byte[8])), "data_type is 99"),
        ["no type"] = (() => Tensor(Raw([2], 0, new byte[8])), "data_type is 0"),
        ["negative size"] = (() => Tensor(Raw([-2, -1], 1, new byte[8])), "dims is [-2, -1]"),
        ["product that overflows"] = (() => Tensor(Raw([1L << 32, 1L << 32, 2], 1, new byte[8])), "dims is [4294967296, 4294967296, 2]"),
        ["huge tensor"] = (() => Tensor(Raw([1L << 33], 1, new byte[8])), "dims is for 34359738368 bytes"),
        ["17 axes"] = (() => Tensor(Raw(Enumerable.Repeat(1L, 17), 1, new byte[4])), "dims is of more than 16 axes"),
        ["segment"] = (() => Tensor(Raw([2], 1, new byte[8]).Message(3, new ProtoMessage().Number(1, 0))), "segment is there"),
        ["data location"] = (() => Tensor(Raw([2], 1, new byte[8]).Number(14, 7)), "data_location is 7"),
        ["external with values"] = (
            () => Tensor(HostilePlaces.External("model.onnx").Bytes(9, new byte[8])),
            "data_location is external for"
        ),
        ["external entries of a tensor with values"] = (
            () => Tensor(Raw([2], 1, new byte[8]).Message(13, new ProtoMessage().Text(1, "location").Text(2, "../x"))),
            "external_data is there; it must be there only where data_location is external"
        ),
        ["wire type of a tensor's field"] = (() => Tensor(Raw([2], 1, new byte[8]).Number(9, 3)), "field 9 is of the wire type 0"),
        ["sparse tensor that grows"] = (
            () =>
                HostilePlaces.Model(
                    HostilePlaces
                        .Graph([HostilePlaces.Identity("w")], [])
                        .Message(15, OnnxMessages.Sparse(HostilePlaces.Plain(), OnnxMessages.Tensor("i", [3L, 5L], 2), 1L << 30))
                ),
            "graph.sparse_initializer[0]: dims is [1073741824], dense 4294967296 bytes"
        ),
        ["other domain"] = (() => Node("Relu", "ai.onnx.ml"), "graph.node[0] (Relu): operator is Relu of the domain \"ai.onnx.ml\""),
        ["operator that loads what it names"] = (
            () => Node("EPContext", "com.microsoft"),
            "operator is EPContext of the domain \"com.microsoft\""
        ),
        ["function that calls itself"] = (
            () => Functions(("A", "B"), ("B", "A")),
            "functions[1] (\"B\").node[0] (A): operator is a call of the function A within itself"
        ),
        ["functions that double 40 times"] = (
            () => Functions([.. Enumerable.Range(0, 40).Select(index => ($"F{index}", $"F{index + 1}")), ("F40", "")]),
            "of more nodes with its functions' bodies"
        ),
        ["function twice"] = (() => Functions(("A", ""), ("A", "")), "name is \"A\" of \"own\" for the second time"),
        ["function in place of an operator"] = (
            () => Tensor(HostilePlaces.Plain()).Message(25, new ProtoMessage().Text(1, "Identity").Text(10, "")),
            "functions[0] (\"Identity\"): domain is \"\""
        ),
        ["graph twice"] = (
            () => Tensor(HostilePlaces.Plain()).Message(7, HostilePlaces.Graph([HostilePlaces.Identity("w")], [])),
            "graph is there twice"
        ),
        ["graph of another wire type"] = (() => Tensor(HostilePlaces.Plain()).Number(7, 1), "graph is of the wire type 0"),
        ["no graph"] = (() => new ProtoMessage().Number(1, 8), "graph is not there"),
        ["no operator set"] = (() => OnnxMessages.Model(HostilePlaces.Graph([], [])), "opset_import is without ai.onnx"),
        ["17 graphs in one another"] = (() => Deep(16), "a graph in 16 graphs"),
        ["100,001 nodes"] = (
            () => HostilePlaces.Model(HostilePlaces.Graph(Enumerable.Repeat(HostilePlaces.Identity("w"), 100_001), [])),
            "graph.node[100000] (Identity) is one node more"
        ),
        ["long metadata"] = (
            () => Tensor(HostilePlaces.Plain()).Bytes(14, new byte[(16 << 20) + 1]),
            "metadata_props[0] is where descriptions"
        ),
        ["long description of a node"] = (
            () =>
                HostilePlaces.Model(
                    HostilePlaces.Graph([HostilePlaces.Identity("w").Bytes(6, new byte[(16 << 20) + 1])], [HostilePlaces.Plain()])
                ),
            "graph.node[0] (Identity).doc_string[0]"
        ),
        ["long name"] = (
            () => HostilePlaces.Model(HostilePlaces.Graph([HostilePlaces.Identity(new string('n', 4097))], [])),
            "field 1 is 4097 bytes"
        ),
        ["name that is no text"] = (
            () => HostilePlaces.Model(HostilePlaces.Graph([new ProtoMessage().Bytes(1, new byte[] { 0xC3, 0x28 }).Text(4, "Relu")], [])),
            "field 1 is a name that is not UTF-8"
        ),
        ["node that is cut"] = (
            () => HostilePlaces.Model(HostilePlaces.Graph([new ProtoMessage().Text(4, "Relu").Raw(new byte[] { 0x0A, 0x7F })], [])),
            "graph.node[0] (Relu): the field at byte 6 of it is 127 bytes long and has 0"
        ),
        ["group"] = (() => new ProtoMessage().Raw(new byte[] { 0x0B }), "is cut or of the unknown wire type 3"),
        ["field 0"] = (() => new ProtoMessage().Raw(new byte[] { 0x00, 0x00 }), "begins with a field number out of range"),
        ["endless number"] = (
            () => new ProtoMessage().Raw(Enumerable.Repeat((byte)0xFF, 20).ToArray()),
            "has a number that is cut or too long"
        ),
    };

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Names() => [.. Hostile.Keys];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Hostile_file_is_refused_by_file_and_field(string name)
    {
        var (model, fault) = Hostile[name];
        var path = folder.File("model.onnx");
        File.WriteAllBytes(path, model().ToArray());

        var act = () => OnnxModel.Open(path, new OnnxOptions());

        var message = act.Should().Throw<InvalidDataException>().Which.Message;
        message.Should().StartWith(path).And.Contain(fault).And.Contain("it must be");
    }

    [Fact]
    public void Files_beside_the_hostile_ones_are_read()
    {
        var path = folder.File("model.onnx");
        ProtoMessage[] good =
        [
            Tensor(HostilePlaces.Plain()),
            Tensor(new ProtoMessage().Packed(1, [2]).Number(2, 1).Text(8, "w").Single(4, 1).Single(4, 2)),
            Functions([.. Enumerable.Range(0, 9).Select(index => ($"F{index}", $"F{index + 1}")), ("F9", "")]),
            Deep(15),
            HostilePlaces.Model(HostilePlaces.Graph(Enumerable.Repeat(HostilePlaces.Identity("w"), 100_000), [])),
            Node("Gelu", "com.microsoft"),
            Node("Relu", "ai.onnx"),
        ];

        foreach (var model in good)
        {
            File.WriteAllBytes(path, model.ToArray());
            OnnxFile.Read(path).OperatorSet.Should().Be(17);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 17\n")]
    [InlineData("<html>404</html>")]
    public void File_of_another_kind_is_refused(string content)
    {
        var path = folder.File("model.onnx");
        File.WriteAllText(path, content, Encoding.ASCII);

        var act = () => OnnxModel.Open(path, new OnnxOptions());

        act.Should().Throw<InvalidDataException>().WithMessage($"{path}*");
    }

    [Fact]
    public void Model_that_is_cut_anywhere_is_refused()
    {
        var whole = File.ReadAllBytes(Path.Combine(GoldenSet.Fixtures, "onnx", "model", "onnx", "vision_model.onnx"));
        var path = folder.File("model.onnx");

        for (var length = 1; length < whole.Length; length += whole.Length / 60)
        {
            File.WriteAllBytes(path, whole[..length]);
            var act = () => OnnxModel.Open(path, new OnnxOptions { Threads = 1 }).Dispose();
            act.Should().Throw<InvalidDataException>("{0} of {1} bytes are no model", length, whole.Length).WithMessage($"{path}*");
        }
    }

    [Fact]
    public void Graph_that_would_grow_when_it_is_opened_does_not()
    {
        var graph = new OnnxGraph("bomb");
        var many = graph.Node("ConstantOfShape", [graph.Numbers(1L << 20, 1L << 20)]);
        graph.Output("y", graph.Node("ReduceSum", [graph.Node("Add", [many, graph.Scalar(1f)])]), OnnxType.Float);

        using var model = graph.Open(folder.File("model.onnx"));
        var act = () => model.Run([], ["y"]);

        act.Should().Throw<Pipeline.Models.Calls.ModelMemoryException>("4 TiB are more than the budget");
    }

    [Fact]
    public void File_that_begins_as_one_of_another_format_is_read_as_what_was_checked()
    {
        var path = folder.File("model.onnx");
        var model = new ProtoMessage().Text(2, "..ORTM..").Raw(Tensor(HostilePlaces.Plain(5)).ToArray());
        File.WriteAllBytes(path, model.ToArray());
        File.ReadAllBytes(path).AsSpan(4, 4).SequenceEqual("ORTM"u8).Should().BeTrue("that is the mark of ONNX Runtime's own format");

        using var opened = OnnxModel.Open(path, new OnnxOptions { Threads = 1 });

        opened.Run([], ["y"]).Single().Values.Should().Equal(5, 2);
    }

    [Fact]
    public void File_of_more_than_two_gigabytes_is_refused_by_its_length()
    {
        var path = folder.File("model.onnx");
        using (var file = File.Create(path))
        {
            file.SetLength(3L << 30);
        }

        var act = () => OnnxModel.Open(path, new OnnxOptions());

        act.Should().Throw<InvalidDataException>().WithMessage($"{path} is 3221225472 bytes long; it must be of at most 2146435071 bytes*");
    }

    [Fact]
    public void Files_of_more_than_two_gigabytes_in_all_are_refused_before_they_are_read()
    {
        var path = folder.File("model.onnx");
        using (var file = File.Create(folder.File("weights.bin")))
        {
            file.SetLength(3L << 30);
        }

        ProtoMessage External(string name, string offset) =>
            OnnxMessages.ExternalTensor(name, OnnxType.Float, [300, 1_000_000], "weights.bin", offset);
        File.WriteAllBytes(
            path,
            HostilePlaces
                .Model(HostilePlaces.Graph([HostilePlaces.Identity("w")], [External("w", "0"), External("v", "1200000000")]))
                .ToArray()
        );

        var act = () => OnnxModel.Open(path, new OnnxOptions());

        act.Should()
            .Throw<InvalidDataException>()
            .WithMessage($"{path} is 24* bytes long with the files that its tensors lie in; it must be*");
    }

    private static ProtoMessage Tensor(ProtoMessage tensor) =>
        HostilePlaces.Model(HostilePlaces.Graph([HostilePlaces.Identity("w")], [tensor]));

    private static ProtoMessage Raw(IEnumerable<long> dims, long type, byte[] values) =>
        new ProtoMessage().Packed(1, dims).Number(2, type).Text(8, "w").Bytes(9, values);

    private static ProtoMessage Node(string operation, string domain) =>
        HostilePlaces.Model(HostilePlaces.Graph([OnnxMessages.Node(operation, ["w"], ["y"], domain: domain)], [HostilePlaces.Plain()]));

    /// <summary>Functions of which each calls another twice.</summary>
    private static ProtoMessage Functions(params (string Name, string Calls)[] functions)
    {
        var model = HostilePlaces.Model(HostilePlaces.Graph([OnnxMessages.Node(functions[0].Name, [], ["y"], domain: "own")], []));
        foreach (var (name, calls) in functions)
        {
            var node = calls.Length == 0 ? HostilePlaces.Identity("c") : OnnxMessages.Node(calls, [], ["c"], domain: "own");
            model.Message(25, HostilePlaces.Function(name).Message(7, node).Message(7, node));
        }

        return model;
    }

    private static ProtoMessage Deep(int bodies)
    {
        var graph = HostilePlaces.Body([], [HostilePlaces.Plain()]);
        for (var body = 0; body < bodies; body++)
        {
            graph = HostilePlaces.Body([HostilePlaces.Body("Loop", graph)], []);
        }

        return HostilePlaces.Model(graph);
    }
}
