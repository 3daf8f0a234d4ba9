using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest;

public sealed class SourceIndexTests
{
    [Fact]
    public async Task Unchanged_file_is_not_read_again()
    {
        using var input = new InputFolder().With("a/1.png");
        var first = await ReadOnceAsync(input);

        var second = await ReadOnceAsync(input);

        (first.WasRead, second.WasRead).Should().Be((true, false));
        second.Row.Should().BeEquivalentTo(first.Row);
    }

    [Fact]
    public async Task Rejection_is_remembered_too()
    {
        using var input = new InputFolder().With("a/1.png", "no image"u8.ToArray());
        var first = await ReadOnceAsync(input);

        var second = await ReadOnceAsync(input);

        second.WasRead.Should().BeFalse();
        second.Rejected.Should().Be(first.Rejected).And.NotBeNull();
    }

    [Fact]
    public async Task Changed_time_has_the_file_read_and_new_bytes_give_a_new_id()
    {
        using var input = new InputFolder().With("a/1.png", InputFolder.Png(grey: 1));
        var before = await ReadOnceAsync(input);
        input.With("a/1.png", InputFolder.Png(grey: 2));
        File.SetLastWriteTimeUtc(input.At("a/1.png"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        var after = await ReadOnceAsync(input);

        after.WasRead.Should().BeTrue();
        after.Row!.SampleId.Should().NotBe(before.Row!.SampleId);
        (await ReadOnceAsync(input)).WasRead.Should().BeFalse();
    }

    [Fact]
    public async Task Verify_sees_a_change_that_kept_size_and_time()
    {
        using var input = new InputFolder().With("a/1.png", InputFolder.Png(grey: 1));
        var time = File.GetLastWriteTimeUtc(input.At("a/1.png"));
        var before = await ReadOnceAsync(input);
        var changed = InputFolder.Png(grey: 1);
        changed[^20] ^= 1;
        input.With("a/1.png", changed);
        File.SetLastWriteTimeUtc(input.At("a/1.png"), time);

        var trusting = await ReadOnceAsync(input);
        var verified = await ReadOnceAsync(input, verify: true);

        trusting.Row!.SampleId.Should().Be(before.Row!.SampleId);
        verified.Row!.SampleId.Should().NotBe(before.Row!.SampleId);
        (await ReadOnceAsync(input)).Row!.SampleId.Should().Be(verified.Row!.SampleId);
    }

    [Fact]
    public void Any_cut_keeps_the_records_before_it_and_the_index_goes_on()
    {
        using var input = new InputFolder();
        var entries = Enumerable.Range(0, 3).Select(index => Entry($"{index}")).ToArray();
        var path = input.At("index");
        Note(path, entries);
        var whole = File.ReadAllBytes(path);
        var each = whole.Length / 3;

        for (var cut = 0; cut <= whole.Length; cut++)
        {
            File.WriteAllBytes(path, whole[..cut]);

            using (var index = SourceIndex.Open(path))
            {
                index.Count.Should().Be(cut / each);
                index.DroppedBytes.Should().Be(cut % each);
            }
            Note(path, entries);
            File.ReadAllBytes(path).Should().Equal(whole);
        }
    }

    [Fact]
    public void Index_beside_the_one_that_writes_knows_nothing_and_changes_nothing()
    {
        using var input = new InputFolder();
        var path = input.At("index");
        Note(path, [Entry("0")]);
        var before = File.ReadAllBytes(path);

        using (var writes = SourceIndex.Open(path))
        using (var beside = SourceIndex.Open(path))
        {
            beside.Note(Entry("1"), new(7, 3, 2, null));
            beside.Flush();

            beside.Find(Entry("0")).Should().BeNull();
        }

        File.ReadAllBytes(path).Should().Equal(before);
    }

    [Fact]
    public void Any_damaged_byte_is_seen()
    {
        using var input = new InputFolder();
        var entries = new[] { Entry("0"), Entry("1") };
        var path = input.At("index");
        Note(path, entries);
        var whole = File.ReadAllBytes(path);

        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x10;
            File.WriteAllBytes(path, damaged);

            using var index = SourceIndex.Open(path);

            index.Count.Should().Be(at < whole.Length / 2 ? 0 : 1);
        }
    }

    [Fact]
    public void Known_sample_is_not_written_again()
    {
        using var input = new InputFolder();
        var path = input.At("index");
        Note(path, [Entry("0")]);
        var length = new FileInfo(path).Length;

        Note(path, [Entry("0")]);

        new FileInfo(path).Length.Should().Be(length);
    }

    [Fact]
    public async Task Listing_hash_sees_every_change_and_nothing_else()
    {
        var entry = Entry("0");
        var other = new Dictionary<string, string> { ["k"] = "v" };
        SourceEntry[] changed =
        [
            entry with
            {
                Uri = "1",
            },
            entry with
            {
                Size = 8,
            },
            entry with
            {
                ModifiedTicks = 1,
            },
            entry with
            {
                LabelName = "b",
            },
            entry with
            {
                Split = "test",
            },
            entry with
            {
                Group = "g",
            },
            entry with
            {
                Extra = other,
            },
            entry with
            {
                Fault = new("missing-file", ""),
            },
        ];

        var hashes = changed
            .Select(one => Hash(["a"], one))
            .Append(Hash(["a"], entry))
            .Append(Hash(["a", "b"], entry))
            .Append(Hash(["a"]))
            .ToArray();

        hashes.Should().OnlyHaveUniqueItems().And.AllSatisfy(hash => hash.Should().HaveLength(32));
        Hash(["a"], entry, changed[0]).Should().Be(Hash(["a"], entry, changed[0])).And.NotBe(Hash(["a"], changed[0], entry));
    }

    private static string Hash(string[] classes, params SourceEntry[] entries)
    {
        var hash = new ListingHash(classes);
        Array.ForEach(entries, hash.Add);
        return hash.Finish();
    }

    private static SourceEntry Entry(string uri) => new(uri, 0, "a", "train", "", new Dictionary<string, string>(), null) { Size = 7 };

    private static void Note(string path, SourceEntry[] entries)
    {
        using var index = SourceIndex.Open(path);
        foreach (var entry in entries)
            index.Note(entry, new(7, 3, 2, new("kind", "message")));
    }

    private static async Task<SampleOutcome> ReadOnceAsync(InputFolder input, bool verify = false)
    {
        using var index = SourceIndex.Open(input.At(".index"));
        return await SampleReader.ReadAsync(input.Path, input.Entries()[0], embed: false, index, verify);
    }
}
