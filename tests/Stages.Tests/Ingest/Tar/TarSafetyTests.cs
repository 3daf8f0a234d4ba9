using System.Text;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Ingest.Tar;

namespace Pipeline.Stages.Tests.Ingest.Tar;

public sealed class TarSafetyTests
{
    private static readonly SampleColumns Usual = new(null, null, null);

    [Theory]
    [InlineData("/etc/1.png", "unsafe-path", "*'/etc/1.png' is absolute;*")]
    [InlineData("C:/1.png", "unsafe-path", "*is absolute;*")]
    [InlineData("a/../../1.png", "unsafe-path", "*'a/../../1.png' leads out by '..';*")]
    [InlineData("..", "unsafe-path", "*leads out*")]
    [InlineData("", "unsafe-path", "*has no path*")]
    [InlineData("./.", "unsafe-path", "*has no path*")]
    [InlineData("1.png", "not-a-file", "*'1.png' is a hard link;*", '1')]
    [InlineData("1.cls", "not-a-file", "*'1.cls' is a symbolic link;*", '2')]
    [InlineData("dev", "not-a-file", "*is a device;*", '3')]
    [InlineData("dev", "not-a-file", "*is a device;*", '4')]
    [InlineData("1.png", "not-a-file", "*is a pipe;*", '6')]
    [InlineData("1.png", "not-a-file", "*is a sparse file;*", 'S')]
    [InlineData("1.png", "not-a-file", "*is of the type Z;*", 'Z')]
    [InlineData("../out/", "unsafe-path", "*leads out*", '5')]
    public void Member_that_must_not_be_taken_is_told_of_and_the_walk_goes_on(string path, string kind, string message, char type = '0')
    {
        var tar = new TarBytes().Sample("0").With(path, type is '0' or 'S' ? new byte[600] : [], type).Sample("2");

        var found = Read(tar.Whole());

        Word(found).Should().BeEquivalentTo("0.png", $"{kind}:{path}", "2.png");
        found.Single(sample => sample.Fault is not null).Fault!.Message.Should().Match(message);
    }

    [Fact]
    public void Sparse_file_is_passed_over_with_all_of_its_map()
    {
        var map = new byte[512];
        map[504] = 1;
        var tar = new TarBytes()
            .With("s.png", [], 'S', header => Size(header, 3, 482))
            .Raw(map)
            .Raw(new byte[512])
            .Raw(new byte[512])
            .Pax("GNU.sparse.major", "1")
            .With("t.png", new byte[3])
            .Sample("1");

        var found = Read(tar.Whole());

        Word(found).Should().Equal("not-a-file:s.png", "not-a-file:t.png", "1.png");
    }

    [Fact]
    public void Member_that_is_there_twice_is_told_of_and_the_first_is_taken()
    {
        var tar = new TarBytes().Sample("0", "a").With("0.cls", "b").With("./0.CLS", "c").With("0.jpg", "second").With("0.txt", "t");

        var found = Read(tar.Whole());

        Word(found).Should().Equal("duplicate-name:0.cls", "duplicate-name:0.CLS", "second-image:0.jpg", "0.png");
        (found[3].Label, found[3].Extra["text"]).Should().Be(("a", "t"));
    }

    [Fact]
    public void Key_that_comes_again_later_is_told_of_once()
    {
        var tar = new TarBytes().Sample("0", "a").Sample("d/0", "b").Sample("0", "c").Sample("1", "d");

        var found = Read(tar.Whole());

        Word(found).Should().Equal("0.png", "d/0.png", "duplicate-key:0.png", "1.png");
        found.Select(sample => sample.Label).Should().Equal("a", "b", "", "d");
    }

    [Theory]
    [InlineData(null, null, "no-label:0.png")]
    [InlineData(" \n", null, "no-label:0.png")]
    [InlineData(null, "{}", "no-label:0.png")]
    [InlineData(null, """{"label":["a"]}""", "no-label:0.png")]
    [InlineData(null, "[1]", "bad-part:0.json")]
    [InlineData(null, "{", "bad-part:0.json")]
    [InlineData(null, "", "bad-part:0.json")]
    [InlineData(null, """{"label":1,"label":2}""", "bad-part:0.json")]
    [InlineData(null, """{"label":"\ud800"}""", "bad-part:0.json")]
    [InlineData(null, """{"":1,"label":"a"}""", "bad-part:0.json")]
    [InlineData("a", """{"b.c":1,"b_c":2}""", "bad-part:0.png")]
    [InlineData("a", """{"split":"holdout"}""", "bad-part:0.png")]
    [InlineData("a\u00e9", null, "bad-part:0.cls")]
    public void Sample_whose_class_or_json_is_wrong_is_told_of_once(string? label, string? json, string word)
    {
        var tar = new TarBytes().Sample("0", null);
        if (label is not null)
            tar.With("0.cls", Encoding.Latin1.GetBytes(label));
        if (json is not null)
            tar.With("0.json", json);

        var found = Read(tar.Sample("1").Whole());

        Word(found).Should().Equal(word, "1.png");
    }

    [Fact]
    public void Sample_without_an_image_is_told_of()
    {
        var tar = new TarBytes().With("0.cls", "a").With("0.seg.png", "x").With("1.5.jpg", "x").Sample("2").With("3.npy", "x");

        var found = Read(tar.Whole());

        Word(found).Should().Equal("no-image:0", "no-image:1", "2.png", "no-image:3");
        found[1].Fault!.Message.Should().Contain("come 5.jpg;");
    }

    [Fact]
    public void Hidden_files_folders_and_further_parts_are_passed_over_and_counted()
    {
        var tar = new TarBytes().With("d/", type: '5').With("._0.png", "x").With("README", "x").With("0.seg.png", "x").Sample("0");
        var ignored = 0L;

        var found = Read(tar.Whole(), ignored: count => ignored += count);

        Word(found).Should().Equal("0.png");
        ignored.Should().Be(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_cut_gives_the_samples_before_it_and_one_failure(bool isPacked)
    {
        var one = new TarBytes().Sample("0");
        var first = one.Length;
        var whole = one.Sample("1").Open();

        for (var cut = 0; cut <= whole.Length; cut += 64)
        {
            var tar = whole[..cut];

            var found = Read(isPacked ? TarBytes.Packed(tar) : tar, wantsImages: isPacked);

            // The class is there as soon as its body is; the zeros after it may be missing.
            var samples = (
                cut >= whole.Length - 511 ? 2
                : cut >= first - 511 ? 1
                : 0
            );
            Word(found).Should().Equal([.. Enumerable.Range(0, samples).Select(at => $"{at}.png"), "damaged-tar:"], $"it was cut at {cut}");
        }
    }

    [Fact]
    public void Packed_bytes_that_are_cut_give_one_failure()
    {
        var tar = new TarBytes();
        var random = new Random(7);
        for (var at = 0; at < 8; at++)
        {
            var noise = new byte[50_000];
            random.NextBytes(noise);
            tar.Sample($"{at}").With($"{at}.bin", noise);
        }
        var packed = TarBytes.Packed(tar.Whole());

        foreach (var cut in new[] { 2, 100, packed.Length / 2, packed.Length - 20 })
        {
            var found = Read(packed[..cut], wantsImages: true);

            found.Count(sample => sample.Fault is not null).Should().Be(1, $"it was cut at {cut} of {packed.Length}");
            found[^1].Fault!.Kind.Should().Be("damaged-tar");
            found.Should().HaveCountGreaterThan(cut < packed.Length / 2 ? 0 : 4);
        }
    }

    [Theory]
    [InlineData(148, "*has no header at byte 1536, where one must be (the checksum is wrong)*")]
    [InlineData(124, "*has a header with a wrong size at byte 1536*")]
    public void Damaged_header_ends_the_tar(int at, string message)
    {
        var tar = new TarBytes().Sample("0", null).With("0.cls", "a");

        tar.With("1.png", new byte[3], '0', header => header[124] = at == 124 ? (byte)'9' : header[124]);
        var bytes = tar.Sample("2").Whole();
        if (at == 148)
            bytes[2048 + at] ^= 1;
        var found = Read(bytes);

        Word(found).Should().Equal("0.png", "damaged-tar:");
        found[1].Fault!.Message.Should().Match(message.Replace("1536", "2,048"));
    }

    [Fact]
    public void Bytes_behind_the_end_are_told_of()
    {
        var tar = new TarBytes().Sample("0").Whole();

        var found = Read([.. tar, .. new byte[9216], .. tar]);

        Word(found).Should().Equal("0.png", "damaged-tar:");
        found[1].Fault!.Message.Should().Contain("several tars in one file");
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(3, false)]
    public void Members_have_a_limit(int most, bool isRight)
    {
        var found = Read(new TarBytes().Sample("0").Sample("1").Whole(), new() { Members = most });

        Word(found).Should().Equal("0.png", isRight ? "1.png" : "tar-limit:");
    }

    [Theory]
    [InlineData(5, "0.png")]
    [InlineData(4, "too-large:0.txt,0.png")]
    public void Part_has_a_limit(int most, string words)
    {
        var found = Read(new TarBytes().Sample("0").With("0.txt", "12345").Whole(), new() { PartBytes = most });

        string.Join(',', Word(found)).Should().Be(words);
    }

    [Theory]
    [InlineData(0, "0.png")]
    [InlineData(-1, "too-large:0.png")]
    public void Image_has_a_limit(int more, string words)
    {
        var found = Read(new TarBytes().Sample("0").Whole(), new() { ImageBytes = InputFolder.Png().Length + more });

        string.Join(',', Word(found)).Should().Be(words);
    }

    [Theory]
    [InlineData(4096, "", true)]
    [InlineData(4097, "file-name", false)]
    public void Path_has_a_limit(int length, string kind, bool isRight)
    {
        var path = string.Concat(Enumerable.Repeat("d/", (length - 6) / 2)) + (length % 2 == 0 ? "00.png" : "000.png");
        var tar = new TarBytes()
            .Pax("path", path)
            .With("short", InputFolder.Png())
            .Pax("path", path.Replace("png", "cls"))
            .With("short", "a");

        var found = Read(tar.Whole());

        found.Select(sample => sample.Path.Length).Should().Equal(isRight ? [4096] : [4096, 4096]);
        found.Select(sample => sample.Fault?.Kind ?? "").Should().AllBe(kind);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void Packed_tar_may_unpack_to_so_much_and_no_more(int more, bool isRight)
    {
        var tar = new TarBytes().Sample("0").Sample("1").Whole();
        var packed = TarBytes.Packed(tar);

        var found = Read(packed, new() { Ratio = 1, FreeBytes = tar.Length + more }, wantsImages: true);

        Word(found).Should().Equal(isRight ? ["0.png", "1.png"] : ["0.png", "1.png", "tar-limit:"]);
    }

    [Fact]
    public void Packed_tar_may_unpack_to_a_multiple_of_its_size()
    {
        var tar = new TarBytes().With("0.txt", new byte[100_000]).Sample("1").Whole();
        var packed = TarBytes.Packed(tar);
        var ratio = tar.Length / packed.Length;

        var ends = new[] { ratio, ratio + 1 }.Select(most => Read(packed, new() { Ratio = most, FreeBytes = 0 })[^1].Fault?.Kind);

        ends.Should().Equal("tar-limit", null);
    }

    [Fact]
    public void Header_that_claims_much_takes_no_memory()
    {
        var tar = new TarBytes().Sample("0").With("1.png", [], '0', header => Huge(header)).Whole();
        var packed = TarBytes.Packed(tar);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var found = Read(packed, wantsImages: true);

        Word(found).Should().Equal("0.png", "damaged-tar:");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(8 << 20);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('L')]
    public void Extended_header_that_claims_much_is_damage(char type)
    {
        var tar = new TarBytes().Sample("0").With("x", [], type, header => Huge(header)).Sample("1");

        var found = Read(tar.Whole());

        Word(found).Should().Equal("0.png", "damaged-tar:");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("99 path=x\n")]
    [InlineData("3 \n")]
    [InlineData("9 noequal\n")]
    [InlineData("11 size=-1\n")]
    [InlineData("16 size=1234567x\n")]
    public void Malformed_attributes_are_damage(string text)
    {
        var tar = new TarBytes().Sample("0").With("x", Encoding.UTF8.GetBytes(text), 'x').Sample("1");

        var found = Read(tar.Whole());

        Word(found).Should().Equal("0.png", "damaged-tar:");
    }

    [Fact]
    public void Attributes_for_all_members_may_say_nothing_of_their_bodies()
    {
        var comment = new TarBytes().Pax("comment", "c", 'g').Sample("0");
        var path = new TarBytes().Sample("0").Pax("path", "p.png", 'g').Sample("1");

        var found = new[] { comment, path }.Select(tar => string.Join(',', Word(Read(tar.Whole()))));

        found.Should().Equal("0.png", "0.png,damaged-tar:");
    }

    [Fact]
    public void Paths_that_are_not_utf8_are_told_of()
    {
        var tar = new TarBytes().With("0.png", [], '0', header => header[0] = 0xFF).Pax("path", "a\0b").With("x", "1").Sample("1");

        var found = Read(tar.Whole());

        found.Select(sample => sample.Fault?.Kind).Should().Equal("file-name", "unsafe-path", null);
    }

    [Fact]
    public void Sizes_may_be_binary_and_sums_signed()
    {
        var png = InputFolder.Png();
        var tar = new TarBytes().With("0.png", png, '0', header => Binary(header, png.Length)).With("0.cls", "b");
        var at = tar.Length;
        var bytes = tar.With("ü0.cls", "a").Whole();
        SignedSum(bytes, at);

        var found = Read(bytes);

        Word(found).Should().Equal("0.png", "no-image:ü0");
    }

    [Fact]
    public void Tar_that_cannot_be_opened_is_one_failure()
    {
        using var input = new InputFolder();

        var found = TarSamples.Read(input.At("gone.tar"), Usual, new(), false, _ => { }).ToList();

        Word(found).Should().Equal("unreadable:");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no tar at all")]
    [InlineData("\u001f\u008b not gzip")]
    public void File_that_is_no_tar_is_explained(string text)
    {
        using var input = new InputFolder().With("x.tar", Encoding.Latin1.GetBytes(text));

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage("*has no sample with an image and a class: x.tar: The tar *");
    }

    [Fact]
    public void Limits_are_the_stated_ones()
    {
        var limits = new TarLimits();

        limits
            .Should()
            .Be(
                new TarLimits
                {
                    Members = 4_000_000,
                    PartBytes = 1_048_576,
                    ImageBytes = 1_073_741_824,
                    PathBytes = 4096,
                    Columns = 256,
                    Ratio = 200,
                    FreeBytes = 67_108_864,
                }
            );
    }

    private static List<TarSample> Read(byte[] tar, TarLimits? limits = null, bool wantsImages = false, Action<long>? ignored = null)
    {
        using var input = new InputFolder().With("x.tar", tar);
        return [.. TarSamples.Read(input.At("x.tar"), Usual, limits ?? new(), wantsImages, ignored ?? (_ => { }))];
    }

    private static IEnumerable<string> Word(List<TarSample> found) =>
        found.Select(sample => sample.Fault is { } fault ? $"{fault.Kind}:{sample.Path}" : sample.Path);

    private static void Size(byte[] header, int size, int flag)
    {
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0')).CopyTo(header, 124);
        header[flag] = 1;
    }

    private static void Huge(byte[] header) => Encoding.ASCII.GetBytes("07777777777").CopyTo(header, 124);

    private static void Binary(byte[] header, int size)
    {
        header.AsSpan(124, 12).Clear();
        header[124] = 0x80;
        (header[134], header[135]) = ((byte)(size >> 8), (byte)size);
    }

    private static void SignedSum(byte[] tar, int at)
    {
        var header = tar.AsSpan(at, 512);
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var one in header)
            sum += (sbyte)one;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
    }
}
