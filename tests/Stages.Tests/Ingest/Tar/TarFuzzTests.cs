using System.Diagnostics;
using System.Text;
using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest.Tar;

/// <summary>Mutated tars, seeded: each ends as samples, as rows that say why not, or as an error; soon, and in bounded memory.</summary>
public sealed class TarFuzzTests(ITestOutputHelper print)
{
    private const long MostBytes = 64 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static readonly byte[][] Sources = [Plain(), Extended(), Labelled()];

    [Fact]
    public Task Two_thousand_mutated_tars_end_well() => MutateAsync(0, 2_000);

    [Fact]
    [Trait("Form", "Long")]
    public Task Forty_thousand_mutated_tars_end_well() => MutateAsync(1_000_000, 40_000);

    private async Task MutateAsync(int firstSeed, int count)
    {
        using var input = new InputFolder();
        var (errors, rows, rejected, longest) = (0, 0, 0, TimeSpan.Zero);
        for (var seed = firstSeed; seed < firstSeed + count; seed++)
        {
            input.With("x.tar", Mutant(seed));
            var watch = Stopwatch.StartNew();
            var before = GC.GetAllocatedBytesForCurrentThread();

            var outcomes = await TakeAsync(input, seed);

            if (outcomes is null)
                errors++;
            rows += outcomes?.Count(outcome => outcome.Row is not null) ?? 0;
            rejected += outcomes?.Count(outcome => outcome.Rejected is { Kind.Length: > 0, Message.Length: > 0 }) ?? 0;
            outcomes?.Should().OnlyContain(outcome => outcome.Row == null != (outcome.Rejected == null), $"the seed is {seed}");
            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(MostBytes, $"the seed is {seed}");
            watch.Elapsed.Should().BeLessThan(Limit, $"the seed is {seed}");
            longest = watch.Elapsed > longest ? watch.Elapsed : longest;
        }

        print.WriteLine($"{count} tars: {errors} errors, {rows} rows, {rejected} set aside, at most {longest.TotalMilliseconds:F0} ms");
        rows.Should().BeGreaterThan(count);
        rejected.Should().BeGreaterThan(count / 4);
        errors.Should().BeGreaterThan(count / 200);
    }

    /// <summary>What became of each entry; null if the input was refused.</summary>
    private static async Task<List<SampleOutcome>?> TakeAsync(InputFolder input, int seed)
    {
        try
        {
            var source = IngestSource.Open(input.At("x.tar"), new());
            var outcomes = new List<SampleOutcome>();
            foreach (var entry in source.Entries())
                outcomes.Add(await SampleReader.ReadAsync(source.Root, entry, embed: false, null));
            return outcomes;
        }
        catch (InputException)
        {
            return null;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"The mutant of seed {seed} ended in {error.GetType().Name}.", error);
        }
    }

    private static byte[] Mutant(int seed)
    {
        var random = new Random(seed);
        var tar = Sources[random.Next(Sources.Length)].ToList();
        for (var left = random.Next(1, 4); left > 0; left--)
            Mutate(tar, random);
        var bytes = random.Next(3) == 0 ? TarBytes.Packed([.. tar]) : [.. tar];
        if (bytes is [0x1F, 0x8B, ..] && random.Next(2) == 0)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    private static void Mutate(List<byte> tar, Random random)
    {
        var blocks = Math.Max(1, tar.Count / 512);
        var at = random.Next(blocks) * 512;
        switch (random.Next(8))
        {
            case 0: // any byte
                tar[random.Next(tar.Count)] ^= (byte)(1 << random.Next(8));
                break;
            case 1: // a cut
                var cut = random.Next(tar.Count);
                tar.RemoveRange(cut, tar.Count - cut);
                break;
            case 2: // a block is lost
                tar.RemoveRange(at, Math.Min(512, tar.Count - at));
                break;
            case 3: // a block is empty
                for (var index = at; index < Math.Min(at + 512, tar.Count); index++)
                    tar[index] = 0;
                break;
            case 4: // blocks come again elsewhere
                tar.InsertRange(at, tar.Skip(random.Next(blocks) * 512).Take(512 * random.Next(1, 6)).ToArray());
                break;
            default: // a header says something else, and its sum is right
                Header(tar, random);
                break;
        }

        if (tar.Count == 0)
            tar.Add(0);
    }

    private static void Header(List<byte> tar, Random random)
    {
        var headers = Enumerable
            .Range(0, tar.Count / 512)
            .Where(block => tar[(block * 512) + 257] == 'u' && tar[(block * 512) + 258] == 's')
            .ToArray();
        if (headers.Length == 0)
            return;
        var at = headers[random.Next(headers.Length)] * 512;
        var header = tar.GetRange(at, 512).ToArray();
        switch (random.Next(4))
        {
            case 0:
                header[156] = (byte)"01234567LKxgSMVDN\0Z"[random.Next(19)];
                break;
            case 1:
                var sizes = new[]
                {
                    "77777777777",
                    "00000000000",
                    "00000001000",
                    "00010000000",
                    "-0000000001",
                    "           ",
                    "0x000000010",
                };
                Encoding.ASCII.GetBytes(sizes[random.Next(sizes.Length)]).CopyTo(header, 124);
                break;
            case 2:
                header.AsSpan(124, 12).Clear();
                header[124] = (byte)(random.Next(2) == 0 ? 0x80 : 0xFF);
                random.NextBytes(header.AsSpan(random.Next(125, 136)..136));
                break;
            default:
                var names = new[] { "../x.png", "/x.png", "a/./b.cls", "", "0.png", "0.cls", "0.json", "x", "\u00ff.png", ".png" };
                header.AsSpan(0, 100).Clear();
                Encoding.UTF8.GetBytes(names[random.Next(names.Length)]).CopyTo(header, 0);
                break;
        }

        TarBytes.Sum(header);
        for (var index = 0; index < 512; index++)
            tar[at + index] = header[index];
    }

    private static byte[] Plain()
    {
        var tar = new TarBytes();
        for (var at = 0; at < 6; at++)
            tar.Sample($"{at}", at % 2 == 0 ? "a" : "b");
        return tar.Whole();
    }

    private static byte[] Extended()
    {
        var tar = new TarBytes();
        for (var at = 0; at < 4; at++)
        {
            tar.Pax("path", $"d/{at}.png").With("x", InputFolder.Png());
            tar.With("././@LongLink", Encoding.UTF8.GetBytes($"d/{at}.cls\0"), 'L').With("y", "1");
            tar.Pax("size", "0").With($"d/{at}.txt").Pax("comment", "c", 'g');
        }

        return tar.Whole();
    }

    private static byte[] Labelled()
    {
        var tar = new TarBytes().With("d/", type: '5');
        for (var at = 0; at < 4; at++)
            tar.Sample($"{at}", null).With($"{at}.json", """{"label":"dog","split":"val","caption":"a"}""").With($"{at}.txt", "text");
        return tar.With("l", type: '2').Whole();
    }
}
