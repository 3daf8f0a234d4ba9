using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Benchmarks.Peers;

/// <summary>Debian's Celery with Pillow: a worker of as many processes as there are cores, and a client that sends it tasks; see <c>celery_peer.py</c>.</summary>
internal sealed class CeleryPeer : IDisposable
{
    /// <summary>One task an image; <c>Image.open</c>, <c>convert</c>, <c>resize</c>.</summary>
    public const string Naive = "naive";

    /// <summary>64 images a task, decoded by <c>draft</c> near the wanted size, resized bilinearly.</summary>
    public const string Draft = "draft";

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Peers");
    private readonly string table = Path.GetTempFileName();
    private readonly Process worker;
    private readonly Process client;

    private CeleryPeer(Uri broker, string files)
    {
        var address = new UriBuilder(broker) { UserName = "guest", Password = "guest" };
        string[] quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "error"];
        var processes = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture);
        worker = Start(["-m", "celery", "-A", "celery_peer", "worker", "--concurrency", processes, .. quiet]);
        client = Start([Path.Combine(Folder, "celery_peer.py")]);

        Process Start(string[] arguments)
        {
            var start = new ProcessStartInfo(DebianPython.Program, arguments)
            {
                UseShellExecute = false,
                WorkingDirectory = Folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["PEER_BROKER"] = address.Uri.AbsoluteUri.TrimEnd('/') + "//";
            start.Environment["PEER_FILES"] = files;
            start.Environment["PEER_TABLE"] = table;
            start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
            start.Environment["PYTHONWARNINGS"] = "ignore"; // root is no user for a worker, it says
            var process = Process.Start(start) ?? throw new InvalidOperationException($"{DebianPython.Program} did not start.");
            process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
            process.BeginErrorReadLine();
            return process;
        }
    }

    /// <summary>Installs what is missing and starts worker and client.</summary>
    /// <param name="broker">Where guest has the password guest.</param>
    /// <param name="files">The folder of the JPEG files.</param>
    public static async Task<CeleryPeer> StartAsync(Uri broker, string files)
    {
        await DebianPython.NeedAsync("celery", "python3-celery");
        await DebianPython.NeedAsync("xxhash", "python3-xxhash");
        await DebianPython.NeedAsync("PIL", "python3-pil");
        return new CeleryPeer(broker, files);
    }

    /// <summary>Seconds on the client's clock from the first task sent to the last row written.</summary>
    /// <param name="task"><see cref="Naive"/> or <see cref="Draft"/>.</param>
    /// <param name="count">Files, the first of the folder.</param>
    public async Task<double> RunAsync(string task, int count)
    {
        await client.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{task} {count}"));
        await client.StandardInput.FlushAsync();
        var seconds = await client.StandardOutput.ReadLineAsync();
        return double.Parse(
            seconds ?? throw new InvalidOperationException("Celery's client ended; what it said is above."),
            CultureInfo.InvariantCulture
        );
    }

    /// <summary>Ends both and deletes their queue.</summary>
    public void Dispose()
    {
        worker.Kill(entireProcessTree: true);
        worker.WaitForExit();
        worker.Dispose();
        client.StandardInput.Close();
        client.WaitForExit();
        client.Dispose();
        File.Delete(table);
    }
}
