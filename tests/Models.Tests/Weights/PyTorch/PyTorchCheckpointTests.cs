using System.IO.Compression;
using System.Text;
using Pipeline.Models.Weights;
using Pipeline.Models.Weights.PyTorch;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Weights.PyTorch;

public sealed class PyTorchCheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Tensor_is_written_under_its_name()
    {
        var done = Convert(PickleBytes.OneTensor().Stop(), CheckpointBytes.Singles(6));

        done.Tensors.Should().Equal("w");
        done.Skipped.Should().BeEmpty();
        Read("w").Should().Equal(0, 1, 2, 3, 4, 5);
    }

    [Theory]
    [InlineData(0, new long[] { 3, 2 }, new long[] { 1, 3 }, new float[] { 0, 3, 1, 4, 2, 5 })]
    [InlineData(1, new long[] { 2 }, new long[] { 4 }, new float[] { 1, 5 })]
    [InlineData(2, new long[] { 2, 2 }, new long[] { 0, 1 }, new float[] { 2, 3, 2, 3 })]
    [InlineData(5, new long[] { }, new long[] { }, new float[] { 5 })]
    [InlineData(5, new long[] { 1, 1 }, new long[] { 100, 100 }, new float[] { 5 })]
    [InlineData(6, new long[] { 0, 7 }, new long[] { 9, 9 }, new float[] { })]
    public void Every_view_is_written_as_its_own_elements(long offset, long[] shape, long[] strides, float[] values)
    {
        Convert(
            new PickleBytes().Op("}(").Text("w").Tensor("FloatStorage", "0", 6, offset, shape, strides).Op("u").Stop(),
            CheckpointBytes.Singles(6)
        );

        Read("w").Should().Equal(values);
    }

    [Theory]
    [InlineData(0, new long[] { 7 }, new long[] { 1 })]
    [InlineData(1, new long[] { 2, 3 }, new long[] { 3, 1 })]
    [InlineData(0, new long[] { 2 }, new long[] { 6 })]
    [InlineData(6, new long[] { }, new long[] { })]
    [InlineData(long.MaxValue, new long[] { 1 }, new long[] { 1 })]
    [InlineData(0, new long[] { long.MaxValue, long.MaxValue }, new long[] { long.MaxValue, long.MaxValue })]
    [InlineData(0, new long[] { 0, long.MaxValue, long.MaxValue }, new long[] { 1, 1, 1 })]
    public void View_that_leaves_its_storage_is_refused(long offset, long[] shape, long[] strides) =>
        Refuses(
            new PickleBytes().Op("}(").Text("w").Tensor("FloatStorage", "0", 6, offset, shape, strides).Op("u").Stop(),
            "*tensor w is *which reaches element*of a storage of 6; it must be inside its storage*"
        );

    [Fact]
    public void Negative_numbers_and_unequal_axes_are_refused()
    {
        Refuses(OfTensor(-1, [1], [1]), "*the offset -1*");
        Refuses(OfTensor(5, [2], [-1]), "*whose stride is not of whole numbers of 0 or more*");
        Refuses(OfTensor(0, [-1], [1]), "*whose size is not*");
        Refuses(OfTensor(0, [1, 1], [1]), "*2 axes, 1 strides*");
        Refuses(OfTensor(0, [.. Enumerable.Repeat(1L, 65)], [.. Enumerable.Repeat(1L, 65)]), "*65 axes*at most 64*");
        Converts(OfTensor(0, [.. Enumerable.Repeat(1L, 64)], [.. Enumerable.Repeat(1L, 64)]));
    }

    [Fact]
    public void Repeated_elements_that_would_fill_a_disk_are_refused_and_fewer_are_written()
    {
        Refuses(OfTensor(0, [(16 << 20) + 1], [0]), "*bytes of views; it must be at most 67108864 bytes*");
        Converts(OfTensor(0, [16 << 20], [0]));

        new FileInfo(folder.File("out")).Length.Should().BeGreaterThan(64 << 20);
    }

    [Fact]
    public void Slices_of_a_large_view_join_without_a_seam()
    {
        var elements = (8 << 20) - 100; // two rows are above the 32 MiB of a slice

        Convert(OfTensor(1, [1, 2, elements], [0, 1, 0]), CheckpointBytes.Singles(6));

        using var file = SafetensorsFile.Read(folder.File("out"));
        using var tensor = file.Tensor("w");
        tensor.amin(2).data<float>().ToArray().Should().Equal(1, 2);
        tensor.amax(2).data<float>().ToArray().Should().Equal(1, 2);
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("collections", "defaultdict")]
    [InlineData("torch._utils", "_rebuild_qtensor")]
    [InlineData("torch", "ComplexFloatStorage")]
    [InlineData("torch.nn.modules.container", "ParameterDict")]
    public void Any_other_name_is_refused_by_it_whichever_way_it_is_said(string module, string name)
    {
        var said = $"*data.pkl is naming {module}.{name}*";

        Refuses(PickleBytes.OneTensor().Global(module, name).Text("true").Raw(0x85).Op("R0").Stop(), said);
        Refuses(new PickleBytes(4).Text(module).Text(name).Raw(0x93).Stop(), said);
    }

    [Theory]
    [InlineData("i")] // INST
    [InlineData("o")] // OBJ
    [InlineData("\x81")] // NEWOBJ
    [InlineData("\x92")] // NEWOBJ_EX
    [InlineData("\x82")] // EXT1
    [InlineData("P")] // PERSID
    [InlineData("\x97")] // NEXT_BUFFER
    [InlineData("0")] // POP
    public void Opcode_that_torch_does_not_write_is_refused(string opcode) =>
        Refuses(
            new PickleBytes().Global("collections", "OrderedDict").Op(")").Raw((byte)opcode[0]).Op("x\ny\n").Stop(),
            $"*using the opcode 0x{(int)opcode[0]:x2}*"
        );

    [Fact]
    public void Escape_characters_of_a_name_do_not_reach_the_terminal() =>
        Refuses(new PickleBytes(4).Text("\u001b[31mos").Text("system\n").Raw(0x93).Stop(), "*naming ?[31mos.system?*");

    [Fact]
    public void Call_in_an_unknown_way_and_attributes_of_others_are_refused()
    {
        Refuses(new PickleBytes().Global("torch", "FloatStorage").Op(")R").Stop(), "*calling torch.FloatStorage in an unknown way*");
        Refuses(new PickleBytes().Global("torch._utils", "_rebuild_tensor_v2").Op(")R").Stop(), "*in an unknown way*");
        Refuses(new PickleBytes().Text("x").Op(")R").Stop(), "*calling what is no function*");
        Refuses(new PickleBytes().Op("}}b").Stop(), "*setting attributes*");
        Refuses(new PickleBytes().Op("(").Text("module").Op("tQ").Stop(), "*naming a storage in an unknown way*");
    }

    [Theory]
    [InlineData("t")]
    [InlineData("u")]
    [InlineData("e")]
    [InlineData("a")]
    [InlineData("]a")]
    [InlineData("(]N(e")]
    [InlineData("]}s")]
    [InlineData("}(Nu")]
    [InlineData("N(q\u0001")]
    [InlineData("h\u0007")]
    [InlineData("NN")]
    [InlineData("(")]
    [InlineData("")]
    [InlineData("N.N")]
    [InlineData("Xzzzzabc")]
    [InlineData("ctorch")]
    [InlineData("Q")]
    [InlineData("R")]
    public void Broken_order_of_opcodes_is_refused(string opcodes) =>
        Refuses(new PickleBytes().Op(opcodes).Stop(), "*data.pkl is *it must be *");

    [Fact]
    public void Other_protocols_are_refused()
    {
        Refuses([0x80, 1, (byte)'.'], "*not of a known protocol*");
        Refuses([0x80, 6, (byte)'.'], "*not of a known protocol*");
        Refuses("(lp0\n."u8.ToArray(), "*not of a known protocol*");
    }

    [Fact]
    public void Names_are_paths_and_what_is_no_tensor_is_named()
    {
        var pickle = new PickleBytes().Op("}(").Text("layers").Op("](").Tensor("FloatStorage", "0", 6, 0, [1], [1]).Number(7);
        pickle.Op("}(").Number(3).Tensor("FloatStorage", "0", 6, 1, [1], [1]).Op("u").Op("e");
        pickle.Text("epoch").Number(12).Text("notes").Op("](").Text("a").Text("b").Op("e").Text("none").Op("N").Op("u");

        var done = Convert(pickle.Stop(), CheckpointBytes.Singles(6));

        done.Tensors.Should().Equal("layers.0", "layers.2.3");
        done.Skipped.Should().Equal("layers.1: 7", "epoch: 12", "notes: a list", "none: None");
    }

    [Fact]
    public void State_dict_is_unwrapped_and_what_lies_beside_it_is_named()
    {
        var pickle = new PickleBytes().Op("}(").Text("state_dict").Op("}(").Text("w").Tensor("FloatStorage", "0", 6, 0, [1], [1]).Op("u");
        pickle.Text("optimizer").Op("}(").Text("m").Tensor("FloatStorage", "0", 6, 0, [1], [1]).Op("u").Text("step").Number(4).Op("u");

        var done = Convert(pickle.Stop(), CheckpointBytes.Singles(6));

        done.Tensors.Should().Equal("w");
        done.Skipped.Should().Equal("optimizer: a dict with tensors, outside state_dict", "step: 4, outside state_dict");
    }

    [Fact]
    public void Tensor_saved_by_itself_has_a_name()
    {
        var done = Convert(new PickleBytes().Tensor("FloatStorage", "0", 6, 0, [6], [1]).Stop(), CheckpointBytes.Singles(6));

        done.Tensors.Should().Equal("tensor");
    }

    [Fact]
    public void Two_tensors_of_one_name_no_tensor_and_odd_keys_are_refused()
    {
        var one = (PickleBytes pickle) => pickle.Tensor("FloatStorage", "0", 6, 0, [1], [1]);
        var twice = one(one(new PickleBytes().Op("}(").Text("0")).Number(0)).Op("u").Stop();
        var odd = one(new PickleBytes().Op("}(").Op("N")).Op("u").Stop();
        var longName = one(new PickleBytes().Op("}(").Text(new string('n', 2001))).Op("u").Stop();

        Refuses(twice, "*tensor 0 is there twice*");
        Refuses(new PickleBytes().Op("}").Stop(), "*without any tensor*");
        Refuses(odd, "*the name None is made of None*");
        Refuses(longName, "*2001 characters long*at most 2000*");
    }

    [Fact]
    public void Containers_in_themselves_too_deep_or_multiplied_are_refused_at_once()
    {
        var self = PickleBytes.OneTensor().Op("q\u0001(").Text("self").Op("h\u0001u").Stop();
        var deep = new PickleBytes().Op(new string(']', 100_000)).Op(new string('a', 99_999)).Stop();
        var doubled = new PickleBytes().Op("](").Tensor("FloatStorage", "0", 6, 0, [1], [1]).Op("eq\u0000");
        for (var level = 0; level < 40; level++)
        {
            doubled.Op("](h\u0000h\u0000eq\u0000");
        }

        Refuses(self, "*nested in itself*");
        Refuses(deep, "*deeper than 64 containers*");
        Refuses(Nested(65), "*deeper than 64 containers*");
        Refuses(new PickleBytes().Op("](").Raw(doubled.Stop()[2..^1]).Op("e").Stop(), "*of more than 200000 tensors*");
        Converts(Nested(64));
    }

    [Fact]
    public void Claims_of_length_take_no_memory()
    {
        byte[] huge = [0xff, 0xff, 0xff, 0x7f];
        byte[] huge8 = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        byte[][] pickles =
        [
            new PickleBytes().Op("X").Raw(huge).Stop(),
            new PickleBytes().Op("T").Raw(huge).Stop(),
            new PickleBytes().Op("B").Raw(huge).Stop(),
            new PickleBytes().Raw(0x8b).Raw(huge).Stop(),
            new PickleBytes(4).Raw(0x8d).Raw(huge8).Stop(),
            new PickleBytes(4).Raw(0x8e).Raw(huge8).Stop(),
            new PickleBytes().Op("Nr").Raw(huge).Op("j").Raw([1, 2, 3, 4]).Stop(),
            OfStorage(long.MaxValue, long.MaxValue / 32),
            OfStorage(1L << 40, 1L << 40),
        ];
        foreach (var pickle in pickles)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();

            Refuses(pickle, "*");

            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(2 << 20);
        }
    }

    [Fact]
    public void Pickle_of_too_many_steps_or_bytes_is_refused()
    {
        Refuses(new PickleBytes().Op(new string('N', 2_000_001)).Stop(), "*of more than 2000000 steps*");
        Refuses(new byte[(32 << 20) + 1], "*data.pkl is 33554433 bytes long; it must be at most 33554432 bytes*");
    }

    [Fact]
    public void Storage_that_is_missing_short_or_damaged_is_refused()
    {
        var bytes = CheckpointBytes.Of(PickleBytes.OneTensor().Stop(), CheckpointBytes.Singles(6));
        var damaged = bytes.ToArray();
        damaged[damaged.AsSpan().IndexOf(CheckpointBytes.Singles(6))] ^= 1;

        RefusesFile(CheckpointBytes.Of(PickleBytes.OneTensor().Stop()), "*storage 0 is missing*");
        RefusesFile(
            CheckpointBytes.Of(PickleBytes.OneTensor().Stop(), CheckpointBytes.Singles(5)),
            "*tensor w is in a storage of 6 elements*has 20 bytes*"
        );
        RefusesFile(damaged, "*record archive/data/0 is of the checksum*it was damaged*");
    }

    [Fact]
    public void Other_kinds_of_file_are_named()
    {
        var tar = new byte[600];
        "ustar"u8.CopyTo(tar.AsSpan(257));

        RefusesFile([0x80, 2, 0x8a, 10, 0x6c], "*a bare pickle, the form that torch.save had before PyTorch 1.6*");
        RefusesFile(tar, "*a tar file*");
        RefusesFile("hello"u8.ToArray(), "*no zip file*");
        RefusesFile([], "*is empty*");
        RefusesFile([.. "PK\u0003\u0004"u8, .. new byte[100]], "*the zip directory is missing*");
        RefusesFile(CheckpointBytes.Zip([("archive/readme", [1])]), "*with 0 records FOLDER/data.pkl*");
        RefusesFile(CheckpointBytes.Zip([("a/data.pkl", [1]), ("b/data.pkl", [1])]), "*with 2 records FOLDER/data.pkl*");
        RefusesFile(CheckpointBytes.Zip([("a/data.pkl", [1]), ("a/constants.pkl", [1])]), "*TorchScript archive*");
        RefusesFile(
            CheckpointBytes.Zip([("a/data.pkl", [1]), ("a/byteorder", "big"u8.ToArray())]),
            "*byteorder is big; it must be little*"
        );
        RefusesFile(CheckpointBytes.Zip([("a/data.pkl", [1]), ("a/data.pkl", [1])]), "*listed twice*");
        RefusesFile(CheckpointBytes.Zip([("a/data.pkl", new byte[1 << 20])], CompressionLevel.Optimal), "*compressed (method 8)*");
    }

    [Fact]
    public void Every_cut_of_a_checkpoint_is_refused()
    {
        var bytes = CheckpointBytes.Of(PickleBytes.OneTensor().Stop(), CheckpointBytes.Singles(6));
        for (var length = 0; length < bytes.Length; length++)
        {
            RefusesFile(bytes[..length], "*");
        }
    }

    [Fact]
    public void Records_over_one_another_are_refused()
    {
        var bytes = CheckpointBytes.Of(PickleBytes.OneTensor().Stop(), CheckpointBytes.Singles(6), CheckpointBytes.Singles(6));
        var text = Encoding.Latin1.GetString(bytes);
        var second = text.LastIndexOf("archive/data/1", StringComparison.Ordinal) - 46;
        var first = text.LastIndexOf("archive/data/0", StringComparison.Ordinal) - 46;
        bytes.AsSpan(first + 42, 4).CopyTo(bytes.AsSpan(second + 42));

        RefusesFile(bytes, "*record archive/data/1 is not what stands at byte*");
        bytes[second + 46 + 13] = (byte)'0';
        RefusesFile(bytes, "*record archive/data/0 is listed twice*");
    }

    [Fact]
    public void Sizes_of_64_bits_are_read_and_checked()
    {
        (string, byte[])[] records = [("archive/data.pkl", PickleBytes.OneTensor().Stop()), ("archive/data/0", CheckpointBytes.Singles(6))];
        File.WriteAllBytes(folder.File("in"), CheckpointBytes.Wide(records));

        PyTorchCheckpoint.Convert(folder.File("in"), folder.File("out"));

        Read("w").Should().Equal(0, 1, 2, 3, 4, 5);
        File.Delete(folder.File("out"));
        RefusesFile(
            CheckpointBytes.Wide(records, shift: long.MaxValue - 1000),
            "*record archive/data.pkl is *with its header at byte 9223372036854774807*"
        );
        RefusesFile(CheckpointBytes.Wide(records, shift: -1), "*record archive/data.pkl is *with its header at byte -1*");
    }

    [Fact]
    public void Refusal_leaves_the_old_file_and_nothing_else()
    {
        File.WriteAllText(folder.File("out"), "old");

        Refuses(new PickleBytes().Global("os", "system").Stop(), "*os.system*", isThere: true);

        File.ReadAllText(folder.File("out")).Should().Be("old");
    }

    private static byte[] OfTensor(long offset, long[] shape, long[] strides) =>
        new PickleBytes().Op("}(").Text("w").Tensor("FloatStorage", "0", 6, offset, shape, strides).Op("u").Stop();

    private static byte[] OfStorage(long count, long size) =>
        new PickleBytes().Op("}(").Text("w").Tensor("FloatStorage", "0", count, 0, [size], [1]).Op("u").Stop();

    private static byte[] Nested(int depth) =>
        new PickleBytes().Op(new string(']', depth)).Tensor("FloatStorage", "0", 6, 0, [1], [1]).Op(new string('a', depth)).Stop();

    private CheckpointConversion Convert(byte[] pickle, params byte[][] storages)
    {
        File.WriteAllBytes(folder.File("in"), CheckpointBytes.Of(pickle, storages));
        return PyTorchCheckpoint.Convert(folder.File("in"), folder.File("out"));
    }

    private void Converts(byte[] pickle) => Convert(pickle, CheckpointBytes.Singles(6)).Tensors.Should().ContainSingle();

    private void Refuses(byte[] pickle, string message, bool isThere = false) =>
        RefusesFile(CheckpointBytes.Of(pickle, CheckpointBytes.Singles(6)), message, isThere);

    private void RefusesFile(byte[] file, string message, bool isThere = false)
    {
        File.WriteAllBytes(folder.File("in"), file);

        var convert = () => PyTorchCheckpoint.Convert(folder.File("in"), folder.File("out"));

        convert.Should().Throw<InvalidDataException>().WithMessage(message).WithMessage($"{folder.File("in")}*");
        Directory.GetFiles(folder.Root).Should().HaveCount(isThere ? 2 : 1);
    }

    private float[] Read(string name)
    {
        using var file = SafetensorsFile.Read(folder.File("out"));
        return [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(file.Bytes(name))];
    }
}
