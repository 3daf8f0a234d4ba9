using System.Diagnostics;
using System.Globalization;
using Pipeline.Benchmarks.Peers;

namespace Pipeline.Benchmarks.Decode;

/// <summary>Debian's Pillow in its own process: files are read into memory once, then a set is decoded for each line it is sent.</summary>
internal sealed class PillowPeer : IDisposable
{
    /// <summary>Decodes with <c>draft</c> and resizes to 224 x 224.</summary>
    public const string ToSize = """
        image = Image.open(io.BytesIO(data))
        image.draft('RGB', (224, 224))
        image = image.resize((224, 224), Image.BILINEAR)
        assert image.mode == 'RGB'
        """;

    /// <summary>Decodes, resizes the shorter side to 256, encodes at quality 95 and puts it into a tar, as a script for a data set does.</summary>
    public const string ToShard = """
        image = Image.open(io.BytesIO(data)).convert('RGB')
        scale = 256 / min(image.size)
        image = image.resize([round(side * scale) for side in image.size], Image.BILINEAR)
        encoded = io.BytesIO()
        image.save(encoded, 'JPEG', quality=95)
        member = tarfile.TarInfo('%05d.jpg' % index)
        member.size = encoded.tell()
        encoded.seek(0)
        shard.addfile(member, encoded)
        """;

    private const string Script = """
        import io, os, sys, tarfile, time
        import PIL
        from PIL import Image
        root, work = sys.argv[1], compile(sys.argv[2], 'work', 'exec')
        sets = {}
        for name in sorted(os.listdir(root)):
            folder = os.path.join(root, name)
            sets[name] = [open(os.path.join(folder, file), 'rb').read() for file in sorted(os.listdir(folder))]
        print(PIL.__version__, flush=True)
        for line in sys.stdin:
            files = sets[line.strip()]
            start, cpu = time.perf_counter(), time.process_time()
            with tarfile.open(os.path.join(root, 'shard.tar'), 'w') as shard:
                for index, data in enumerate(files):
                    exec(work)
            print(time.process_time() - cpu, time.perf_counter() - start, flush=True)
        """;

    private readonly Process _process;
    private readonly string _folder;

    private PillowPeer(Process process, string folder, string version)
    {
        _process = process;
        _folder = folder;
        Version = version;
    }

    /// <summary>Pillow's version.</summary>
    public string Version { get; }

    /// <summary>Installs Pillow where it is missing, writes the files, starts the process.</summary>
    /// <param name="sets">Files by set.</param>
    /// <param name="work">What is done with each: <see cref="ToSize"/> or <see cref="ToShard"/>.</param>
    public static async Task<PillowPeer> StartAsync(FileSet[] sets, string work)
    {
        await DebianPython.NeedAsync("PIL", "python3-pil");
        var folder = Directory.CreateTempSubdirectory("decode-bench-").FullName;
        foreach (var set in sets)
        {
            var place = Directory.CreateDirectory(Path.Combine(folder, set.Name)).FullName;
            for (var index = 0; index < set.Files.Length; index++)
            {
                await File.WriteAllBytesAsync(Path.Combine(place, $"{index:D4}.jpg"), set.Files[index]);
            }
        }
        var start = new ProcessStartInfo(DebianPython.Program, ["-c", Script, folder, work])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{DebianPython.Program} did not start.");
        return new PillowPeer(process, folder, Answer(process));
    }

    /// <summary>What decoding the set took, on Python's own clocks.</summary>
    public Taken Run(FileSet set)
    {
        _process.StandardInput.WriteLine(set.Name);
        _process.StandardInput.Flush();
        var seconds = Answer(_process).Split(' ').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new Taken(seconds[0], seconds[1]);
    }

    /// <summary>Ends the process and removes the files.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Answer(Process process) =>
        process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("Pillow's process ended; what it said is above.");
}
