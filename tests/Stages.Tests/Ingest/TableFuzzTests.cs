using System.Diagnostics;
using ParquetSharp;
using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest;

/// <summary>Whatever a table holds, it ends as entries, as quarantine rows or as an error that names it.</summary>
public sealed class TableFuzzTests : IDisposable
{
    private const long MostBytes = 64 << 20;
    private const int MostEntries = 10_000;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(10);
    private readonly InputFolder input = new();

    public void Dispose() => input.Dispose();

    [Fact]
    public Task Two_thousand_spoiled_Parquet_files_are_borne() => BearAsync("a.parquet", ParquetFiles(), 0, 2_000);

    [Fact]
    [Trait("Form", "Long")]
    public Task Thirty_thousand_spoiled_Parquet_files_are_borne() => BearAsync("a.parquet", ParquetFiles(), 1_000_000, 30_000);

    [Theory]
    [InlineData("metadata.csv", 500)]
    [InlineData("metadata.jsonl", 500)]
    public Task Five_hundred_spoiled_manifests_of_a_form_are_borne(string name, int count) => BearAsync(name, Manifests(name), 0, count);

    [Theory]
    [InlineData("metadata.csv", 5_000)]
    [InlineData("metadata.jsonl", 5_000)]
    [Trait("Form", "Long")]
    public Task Five_thousand_spoiled_manifests_of_a_form_are_borne(string name, int count) =>
        BearAsync(name, Manifests(name), 1_000_000, count);

    private async Task BearAsync(string name, byte[][] good, int firstSeed, int count)
    {
        var (entries, errors) = (0L, 0);
        for (var seed = firstSeed; seed < firstSeed + count; seed++)
        {
            input.With(name, Mutation.Of(good[seed % good.Length], seed));
            var bearing = Task.Run(() => BearOneAsync(input.At(name), seed));
            await Task.WhenAny(bearing, Task.Delay(MostTime));
            bearing.IsCompleted.Should().BeTrue($"{name} spoiled by seed {seed} must not hang");
            var found = await bearing;
            entries += Math.Max(found, 0);
            errors += found < 0 ? 1 : 0;
        }

        entries.Should().BePositive("spoiled tables whose rows are whole are read");
        errors.Should().BeInRange(1, count - 1);
    }

    /// <summary>The number of entries; −1 if the table is refused.</summary>
    private static async Task<int> BearOneAsync(string path, int seed)
    {
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var entries = 0;
        try
        {
            var source = IngestSource.Open(path, new());
            foreach (var entry in source.Entries().Take(MostEntries))
            {
                var outcome = await SampleReader.ReadAsync(source.Root, entry, embed: false, null);
                (outcome.Row is null != outcome.Rejected is null).Should().BeTrue();
                entries++;
            }
        }
        catch (InputException error)
        {
            error.Message.Should().Contain(Path.GetDirectoryName(path));
            entries = -1;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{path} spoiled by seed {seed} ends in {error.GetType().Name}: {error.Message}", error);
        }

        watch.Elapsed.Should().BeLessThan(MostTime, $"seed {seed} must not hang");
        (GC.GetAllocatedBytesForCurrentThread() - before)
            .Should()
            .BeLessThan(MostBytes, $"seed {seed} must not allocate by what it claims");
        return entries;
    }

    /// <summary>Made Parquet.Net read for ever: a field of type 0 in the metadata, which is no end of a struct.</summary>
    [Fact]
    public void Metadata_with_a_field_without_a_type_is_refused()
    {
        input.With("a.parquet", File.ReadAllBytes(Fixture("field-without-type.parquet")));

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage("*cannot be read as Parquet: the metadata has a field without a type*");
    }

    /// <summary>Such a column had an empty path.</summary>
    [Fact]
    public void Column_without_a_name_is_refused()
    {
        var file = new ParquetInput().Write(new ParquetRow(InputFolder.Png(), null, 0));
        var name = Start(file) + file.AsSpan(Start(file)).IndexOf("\u0006domain"u8);
        byte[] metadata = [.. file[Start(file)..name], 0, .. file[(name + 7)..^8]];
        input.With("a.parquet", [.. file[..Start(file)], .. metadata, .. BitConverter.GetBytes(metadata.Length), .. "PAR1"u8]);

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage("*cannot be read as Parquet: *");
    }

    private static int Start(byte[] file) => file.Length - 8 - BitConverter.ToInt32(file, file.Length - 8);

    private static string Fixture(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "tests", "Fixtures", "parquet")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("tests/Fixtures/parquet is not above the tests' output.");
        return Path.Combine(folder.FullName, "tests", "Fixtures", "parquet", name);
    }

    private static byte[][] ParquetFiles()
    {
        ParquetRow[] rows =
        [
            .. Enumerable
                .Range(0, 12)
                .Select(row => new ParquetRow(row == 5 ? null : InputFolder.Png(grey: (byte)row), row == 7 ? null : $"a/{row}.png", row % 2)
                {
                    Group = row % 3 == 0 ? null : $"g{row}",
                    Name = $"n{row % 3}",
                    Score = row / 7.0,
                    Box = [row],
                }),
        ];
        var plain = new ParquetInput { GroupRows = 5, PageBytes = 150 };
        ParquetInput[] forms =
        [
            plain,
            new() { HuggingFace = ParquetInput.CatAndDog, GroupRows = 5 },
            new()
            {
                Compression = Compression.Snappy,
                Dictionary = true,
                GroupRows = 5,
            },
            new()
            {
                Compression = Compression.Snappy,
                Bare = true,
                NamedLabels = true,
            },
            new() { Compression = Compression.Zstd, Dictionary = true },
            new()
            {
                Compression = Compression.Zstd,
                PageBytes = 150,
                Version = ParquetDataPageVersion.V2,
            },
            new() { Compression = Compression.Gzip },
            new() { Compression = Compression.Lz4 },
            new() { Compression = Compression.Brotli, GroupRows = 5 },
            new() { Version = ParquetDataPageVersion.V2, NamedLabels = true },
        ];
        return [.. forms.Select(form => form.Write(rows))];
    }

    private static byte[][] Manifests(string name) =>
        name.EndsWith("csv", StringComparison.Ordinal)
            ?
            [
                System.Text.Encoding.UTF8.GetBytes(
                    "file,label,split,note\n1.png,cat,train,\"a \"\"b\"\"\n, c\"\n2.png,dog,val,\n\n3.png,dog,test,ü\n"
                ),
                "path,class\n1.png,1\n2.png,10\n3.png,2"u8.ToArray(),
            ]
            :
            [
                System.Text.Encoding.UTF8.GetBytes(
                    """
                    {"file_name": "1.png", "label": "cat", "split": "train", "note": "a \"b\" \u00fc", "size": 1.5e3, "seen": true}
                    {"file_name": "2.png", "label": "dog", "split": "val", "note": null}

                    {"file_name": "3.png", "label": "dog", "split": "test", "more": false}
                    """
                ),
                "{\"path\":\"1.png\",\"class\":1}\n{\"path\":\"2.png\",\"class\":10}\n"u8.ToArray(),
            ];
}
