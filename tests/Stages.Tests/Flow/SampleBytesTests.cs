using Pipeline.Sdk;

namespace Pipeline.Stages.Tests.Flow;

public sealed class SampleBytesTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("bytes-").FullName;

    public SampleBytesTests()
    {
        Directory.CreateDirectory(Path.Combine(root, "wren"));
        File.WriteAllBytes(Path.Combine(root, "wren", "1.jpg"), [0, 1, 2, 3, 4]);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData(0, 5, new byte[] { 0, 1, 2, 3, 4 })]
    [InlineData(1, 3, new byte[] { 1, 2, 3 })]
    [InlineData(4, 1, new byte[] { 4 })]
    [InlineData(5, 0, new byte[] { })]
    public void A_part_of_a_file_is_read(long offset, long length, byte[] expected) =>
        SampleBytes.Read(root, "wren/1.jpg", null, offset, length, null).Should().Equal(expected);

    [Fact]
    public void Embedded_bytes_are_taken_and_the_file_is_not_looked_at() =>
        SampleBytes.Read(root, "gone.jpg", null, 0, 9, [7, 8]).Should().Equal(7, 8);

    [Fact]
    public void A_file_that_has_become_shorter_is_an_error_that_says_so()
    {
        var read = () => SampleBytes.Read(root, "wren/1.jpg", null, 1, 5, null);

        read.Should()
            .Throw<InvalidDataException>()
            .WithMessage(
                "wren/1.jpg holds 5 bytes; it must hold 6, as when it was ingested. Run again, so that the changed file is a new sample."
            );
    }

    [Fact]
    public void A_file_that_is_gone_is_an_error()
    {
        var read = () => SampleBytes.Read(root, "gone.jpg", null, 0, 5, null);

        read.Should().Throw<FileNotFoundException>();
    }
}
