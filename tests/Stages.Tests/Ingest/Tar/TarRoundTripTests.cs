using System.Diagnostics;
using System.Formats.Tar;
using Pipeline.Models.Images;
using Pipeline.Sdk;
using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest.Tar;

/// <summary>Tars as others write them give the samples that the same pictures give in folders.</summary>
public sealed class TarRoundTripTests
{
    private const string Python = "/usr/bin/python3";

    private const string Script = """
        import io, sys, tarfile
        form, kind, deep, target = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4]
        with tarfile.open(target, 'w:gz' if kind == 'gz' else 'w', format=getattr(tarfile, form + '_FORMAT')) as tar:
            for index in range(20):
                key = f'{deep}/{index:04d}'
                body = open(f'pictures/{index % 2}/{index:04d}.png', 'rb').read()
                for name, part in [(key + '.png', body), (key + '.cls', str(index % 2).encode()), (key + '.txt', 'grüße'.encode())]:
                    member = tarfile.TarInfo(name)
                    member.size = len(part)
                    member.mtime = 1.5
                    tar.addfile(member, io.BytesIO(part))
        """;

    /// <summary>Long enough for the prefix of ustar, and for the long names of the others.</summary>
    private static readonly string Deep = string.Join('/', Enumerable.Repeat("a-folder-of-thirty-two-letters-x", 4));

    [Theory]
    [InlineData("USTAR", "tar", "d")]
    [InlineData("USTAR", "tar", "deep")]
    [InlineData("GNU", "tar", "d")]
    [InlineData("GNU", "tar", "deep")]
    [InlineData("PAX", "tar", "d")]
    [InlineData("PAX", "tar", "deep")]
    [InlineData("PAX", "tar", "ü")]
    [InlineData("GNU", "gz", "deep")]
    public async Task Tar_that_Python_wrote_gives_the_pictures(string form, string kind, string folder)
    {
        Assert.SkipUnless(File.Exists(Python), $"{Python} is not there.");
        using var input = Pictures();
        folder = folder == "deep" ? Deep : folder;
        using var python = Process.Start(
            new ProcessStartInfo(Python, ["-c", Script, form, kind, folder, "x.tar"]) { WorkingDirectory = input.Path }
        )!;
        await python.WaitForExitAsync();

        await CheckAsync(input, folder);

        python.ExitCode.Should().Be(0);
    }

    [Theory]
    [InlineData(TarEntryFormat.V7, "d")]
    [InlineData(TarEntryFormat.Ustar, "deep")]
    [InlineData(TarEntryFormat.Gnu, "deep")]
    [InlineData(TarEntryFormat.Pax, "deep")]
    public async Task Tar_that_dotnet_wrote_gives_the_pictures(TarEntryFormat form, string folder)
    {
        using var input = Pictures();
        folder = folder == "deep" ? Deep : folder;
        await using (var writer = new TarWriter(File.Create(input.At("x.tar")), form))
        {
            for (var index = 0; index < 20; index++)
            {
                var (key, label) = ($"{folder}/{index:D4}", index % 2);
                await writer.WriteEntryAsync(
                    Entry(form, $"{key}.png", await File.ReadAllBytesAsync(input.At($"pictures/{label}/{index:D4}.png")))
                );
                await writer.WriteEntryAsync(Entry(form, $"{key}.cls", [(byte)('0' + label)]));
                await writer.WriteEntryAsync(Entry(form, $"{key}.txt", "grüße"u8.ToArray()));
            }
        }

        await CheckAsync(input, folder);
    }

    private static async Task CheckAsync(InputFolder input, string folder)
    {
        var source = IngestSource.Open(input.At("x.tar"), new());
        var samples = new List<(string, string, int, string, string)>();
        foreach (var entry in source.Entries())
        {
            var row = (await SampleReader.ReadAsync(source.Root, entry, embed: false, null)).Row!;
            var bytes = SampleBytes.Read(source.Root, row.Uri, row.Container, row.Offset, row.Length, row.Image);
            samples.Add((row.SampleId, row.Uri, row.Label, row.Extra["text"], Convert.ToHexString(ImageDecoder.Decode(bytes).Pixels)));
        }

        source.ClassNames.Should().Equal("0", "1");
        samples
            .Should()
            .Equal(
                Enumerable
                    .Range(0, 20)
                    .Select(index =>
                    {
                        var bytes = File.ReadAllBytes(input.At($"pictures/{index % 2}/{index:D4}.png"));
                        var uri = $"x.tar/{folder}/{index:D4}.png";
                        var pixels = Convert.ToHexString(ImageDecoder.Decode(bytes).Pixels);
                        return (SampleReader.SampleId(bytes, uri), uri, index % 2, "grüße", pixels);
                    })
            );
    }

    private static InputFolder Pictures()
    {
        var input = new InputFolder();
        for (var index = 0; index < 20; index++)
            input.With($"pictures/{index % 2}/{index:D4}.png", InputFolder.Png(8 + index, 9, (byte)(index * 10)));
        return input;
    }

    private static TarEntry Entry(TarEntryFormat form, string name, byte[] body)
    {
        TarEntry entry = form switch
        {
            TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
            TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
            TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
            _ => new PaxTarEntry(TarEntryType.RegularFile, name),
        };
        entry.DataStream = new MemoryStream(body);
        return entry;
    }
}
