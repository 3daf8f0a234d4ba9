using CsCheck;
using Pipeline.Shards.Stores;

namespace Pipeline.Shards.Tests;

public sealed class ShardDamageTests : IDisposable
{
    private const string Uri = "a/b.parquet";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_shard_cut_off_anywhere_is_damaged()
    {
        var whole = await WriteAsync();

        for (var part = 0; part < 50; part++)
        {
            await folder.Store.WriteAsync(Uri, whole.AsMemory(0, whole.Length * part / 50));
            await ShouldBeDamagedAsync();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_shard_with_another_head_is_damaged(int at)
    {
        var bytes = await WriteAsync();
        bytes[at] ^= 1;
        await folder.Store.WriteAsync(Uri, bytes);

        var read = () => ShardFile.ReadAsync(folder.Store, Uri);

        (await read.Should().ThrowAsync<ShardDamagedException>()).Which.Uri.Should().Be(Uri);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_shard_with_another_end_is_damaged(int fromEnd)
    {
        var bytes = await WriteAsync();
        bytes[^fromEnd] ^= 1;
        await folder.Store.WriteAsync(Uri, bytes);

        await ShouldBeDamagedAsync();
    }

    [Theory]
    [InlineData("a/b.parquet is damaged: it does not end in PAR1*", "plain text, written by something else")]
    [InlineData("a/b.parquet is damaged: it has 0 bytes*", "")]
    [InlineData("a/b.parquet is damaged: its metadata claims*", "PAR1....\0\0\0\u007fPAR1")]
    public async Task The_error_names_the_file_and_what_is_wrong(string expected, string content)
    {
        await folder.Store.WriteAsync(Uri, System.Text.Encoding.UTF8.GetBytes(content));

        var read = () => ShardFile.ReadFooterAsync(folder.Store, Uri);

        (await read.Should().ThrowAsync<ShardDamagedException>()).WithMessage("Shard " + expected);
    }

    [Fact]
    public async Task A_parquet_file_of_another_program_is_damaged()
    {
        using var stream = new MemoryStream();
        var field = new Parquet.Schema.DataField<int>("a");
        await using (var writer = await Parquet.ParquetWriter.CreateAsync(new Parquet.Schema.ParquetSchema(field), stream))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<int>(field, new[] { 1 });
        }

        await folder.Store.WriteAsync(Uri, stream.ToArray());

        await ShouldBeDamagedAsync();
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_is_seen_or_changes_nothing()
    {
        var whole = await WriteAsync();
        var expected = TableText.Of(await ShardFile.ReadAsync(folder.Store, Uri));

        await Gen.Int[0, whole.Length - 1]
            .Select(Gen.Int[0, 7])
            .SampleAsync(
                async (at, bit) =>
                {
                    var bytes = whole.ToArray();
                    bytes[at] ^= (byte)(1 << bit);
                    await folder.Store.WriteAsync(Uri, bytes);
                    var read = await ReadOrNullAsync();

                    if (read is not null)
                        TableText.Of(read).Should().Equal(expected);
                },
                iter: 1500,
                threads: 1
            );
    }

    [Fact]
    public async Task What_the_store_throws_is_not_taken_for_damage()
    {
        await WriteAsync();

        var read = () => ShardFile.ReadAsync(new BrokenDisk(folder.Store), Uri);

        await read.Should().ThrowAsync<IOException>().WithMessage("Input/output error");
    }

    [Fact]
    public async Task A_shard_that_is_not_there_has_no_footer_and_cannot_be_read()
    {
        var footer = await ShardFile.ReadFooterAsync(folder.Store, Uri);
        var read = () => ShardFile.ReadAsync(folder.Store, Uri);

        footer.Should().BeNull();
        await read.Should().ThrowAsync<FileNotFoundException>().WithMessage($"{Uri} is not in the store*");
    }

    private async Task<ShardTable?> ReadOrNullAsync()
    {
        try
        {
            return await ShardFile.ReadAsync(folder.Store, Uri);
        }
        catch (ShardDamagedException)
        {
            return null;
        }
    }

    private async Task<byte[]> WriteAsync()
    {
        var table = TableGen.AllTypes(40).Single();
        await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);
        return await folder.Store.ReadAllAsync(Uri);
    }

    private async Task ShouldBeDamagedAsync()
    {
        var read = () => ShardFile.ReadAsync(folder.Store, Uri);
        var footer = () => ShardFile.ReadFooterAsync(folder.Store, Uri);

        await read.Should().ThrowAsync<ShardDamagedException>();
        await footer.Should().ThrowAsync<ShardDamagedException>();
    }

    private sealed class BrokenDisk(IShardStore inner) : DelegatingStore(inner)
    {
        public override Task<Stream> OpenReadAsync(string uri, CancellationToken stop = default) =>
            Task.FromResult<Stream>(new BrokenStream());
    }

    private sealed class BrokenStream() : MemoryStream(new byte[100])
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("Input/output error", 5);
    }
}
