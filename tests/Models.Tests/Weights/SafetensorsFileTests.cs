using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Weights;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float64, "F64")]
    [InlineData(ScalarType.Float32, "F32")]
    [InlineData(ScalarType.Float16, "F16")]
    [InlineData(ScalarType.BFloat16, "BF16")]
    [InlineData(ScalarType.Int64, "I64")]
    [InlineData(ScalarType.Int32, "I32")]
    [InlineData(ScalarType.Int16, "I16")]
    [InlineData(ScalarType.Int8, "I8")]
    [InlineData(ScalarType.Byte, "U8")]
    [InlineData(ScalarType.Bool, "BOOL")]
    public void Every_element_type_goes_there_and_back(ScalarType type, string word)
    {
        using var values = arange(6).reshape(2, 3).to(type);

        SafetensorsFile.Write(folder.File("a"), [("x", values)]);

        using var file = SafetensorsFile.Read(folder.File("a"));
        using var read = file.Tensor("x");
        file.Entries["x"].DType.Should().Be(word);
        read.dtype.Should().Be(type);
        read.shape.Should().Equal(2, 3);
        read.bytes.SequenceEqual(values.bytes).Should().BeTrue();
    }

    [Fact]
    public void Any_shapes_and_names_go_there_and_back()
    {
        Gen.Int[0, 3]
            .List[0, 4]
            .Select(Gen.String[Gen.Char.AlphaNumeric, 1, 9])
            .List[0, 6]
            .Sample(
                items =>
                {
                    using var scope = NewDisposeScope();
                    var tensors = items
                        .DistinctBy(item => item.Item2)
                        .Select(item => (item.Item2, rand([.. item.Item1.Select(size => (long)size)])))
                        .ToArray();

                    SafetensorsFile.Write(folder.File("property"), tensors);

                    using var file = SafetensorsFile.Read(folder.File("property"));
                    return file.Entries.Count == tensors.Length
                        && tensors.All(item =>
                            file.Tensor(item.Item1).Equals(item.Item2) && file.Entries[item.Item1].Shape.SequenceEqual(item.Item2.shape)
                        );
                },
                iter: 50,
                threads: 1
            );
    }

    [Fact]
    public void Equal_tensors_in_any_order_give_equal_bytes_with_an_aligned_header_and_sorted_keys()
    {
        using var one = ones(3);
        using var two = zeros(2, 2);
        var metadata = new Dictionary<string, string> { ["z"] = "1", ["a"] = "Ä \"2\"" };

        var first = Bytes([("b", one), ("a", two)], metadata);
        var second = Bytes([("a", two), ("b", one)], metadata.Reverse().ToDictionary());

        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(first);
        first.Should().Equal(second);
        (length % 8).Should().Be(0);
        Encoding
            .UTF8.GetString(first, 8, length)
            .TrimEnd(' ')
            .Should()
            .StartWith("{\"__metadata__\":{\"a\":")
            .And.EndWith("}}")
            .And.Contain("Ä");
        first.Length.Should().Be(8 + length + 4 * 4 + 3 * 4);
    }

    [Fact]
    public void A_view_is_written_as_its_own_elements()
    {
        using var square = arange(6).reshape(2, 3).to(ScalarType.Float32);
        using var turned = square.t();

        SafetensorsFile.Write(folder.File("view"), [("x", turned)]);

        using var file = SafetensorsFile.Read(folder.File("view"));
        file.Tensor("x").data<float>().ToArray().Should().Equal(0, 3, 1, 4, 2, 5);
    }

    [Fact]
    public void A_name_given_twice_is_refused_and_the_old_file_stays()
    {
        using var one = ones(1);
        SafetensorsFile.Write(folder.File("a"), [("x", one)]);
        var before = File.ReadAllBytes(folder.File("a"));

        var act = () => SafetensorsFile.Write(folder.File("a"), [("x", one), ("x", one)]);

        act.Should().Throw<InvalidDataException>().WithMessage("*name x is taken*");
        File.ReadAllBytes(folder.File("a")).Should().Equal(before);
        Directory.GetFiles(folder.Root).Should().ContainSingle();
    }

    [Theory]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, null)]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "*x.data_offsets is an end at byte 4*within the 3 bytes*")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "*the data is 5 bytes long*4 bytes long*")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "*x.data_offsets is 4 bytes*8 bytes for F32 [2]*")]
    [InlineData("""{"x":{"dtype":"F9","shape":[1],"data_offsets":[0,4]}}""", 4, "*x.dtype is 'F9'*one of F64, F32*")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "*x.shape is -1*")]
    [InlineData("""{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "*x.data_offsets is 0 bytes*")]
    [InlineData(
        """{"x":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}""",
        0,
        "*x.shape is [0, 4294967296*below 2^60*"
    )]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "*__metadata__.a is named twice*")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4, "*the header is not JSON*")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "*x.data_offsets is [4, 0]*")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "*x.data_offsets is a hole*")]
    [InlineData(
        """{"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"y":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
        4,
        "*y.data_offsets is an overlap*"
    )]
    [InlineData("""{"x":{"shape":[1],"data_offsets":[0,4]}}""", 4, "*x.dtype is missing*")]
    [InlineData("""{"x":3}""", 0, "*x is a Number*an object*")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "*__metadata__.a is a Number*")]
    [InlineData("""[]""", 0, "*the header is not JSON: it begins with byte 91*")]
    [InlineData("""{"x":""", 0, "*the header is not JSON*")]
    public void A_broken_header_is_named(string header, int dataBytes, string? message)
    {
        File.WriteAllBytes(folder.File("broken"), [.. Length(header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]]);

        var act = () => SafetensorsFile.Read(folder.File("broken")).Dispose();

        if (message is null)
        {
            act.Should().NotThrow();
        }
        else
        {
            act.Should().Throw<InvalidDataException>().WithMessage(message).WithMessage("*broken: *");
        }
    }

    [Theory]
    [InlineData(100_000_000, "*the header is not JSON*")]
    [InlineData(100_000_001, "*the header's length is 100000001 bytes*at most 100000000*")]
    [InlineData(-1, "*the header's length is 18446744073709551615 bytes*")]
    public void A_header_is_at_most_100_MB_long(long length, string message)
    {
        using (var stream = File.Create(folder.File("long")))
        {
            stream.Write(Length(length));
            stream.SetLength(100_000_100);
        }

        var act = () => SafetensorsFile.Read(folder.File("long"));

        act.Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void A_file_too_short_for_a_header_and_a_tensor_that_is_not_there_are_named()
    {
        File.WriteAllBytes(folder.File("short"), [1, 2, 3]);
        File.WriteAllBytes(folder.File("empty"), [.. Length(2), .. "{}"u8]);
        using var empty = SafetensorsFile.Read(folder.File("empty"));

        var tooShort = () => SafetensorsFile.Read(folder.File("short"));
        var missing = () => empty.Tensor("x");

        tooShort.Should().Throw<InvalidDataException>().WithMessage("*short: the file is 3 bytes long*8 bytes*");
        missing.Should().Throw<InvalidDataException>().WithMessage("*empty: tensor x is missing*");
    }

    private static byte[] Length(long length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        return bytes;
    }

    private static byte[] Bytes(IEnumerable<(string, Tensor)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var stream = new MemoryStream();
        SafetensorsFile.Write(stream, tensors, metadata);
        return stream.ToArray();
    }
}
