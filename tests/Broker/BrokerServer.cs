using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Tests.Broker;

/// <summary>A RabbitMQ server of a test's own: free ports on 127.0.0.1, a temporary folder, no service.</summary>
/// <remarks>
/// The server, its epmd and a shell that watches over them are a process group; the shell ends the group when its input closes, so that
/// nothing stays behind, also when the tests are killed.
/// </remarks>
public sealed class BrokerServer : IAsyncDisposable
{
    private const string Watch = """
        epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 &
        ("$RABBITMQ_HOME/sbin/rabbitmq-server"; kill -s KILL 0) &
        read -r line
        kill -s KILL 0
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private readonly InstalledBroker installed;
    private readonly BrokerFolder folder;
    private readonly StringBuilder printed = new();
    private Process? group;

    private BrokerServer(InstalledBroker installed, BrokerFolder folder)
    {
        this.installed = installed;
        this.folder = folder;
        Management = new BrokerManagement(folder.ManagementPort);
    }

    /// <summary>Major and minor number of its version, such as <c>4.0</c>.</summary>
    public string Version => installed.Version;

    /// <summary>Where it listens, guest with the password guest.</summary>
    public Uri Address => new($"amqp://127.0.0.1:{folder.Port}");

    /// <summary>Where it listens for TLS, when it was given certificates.</summary>
    public Uri SecureAddress => new($"amqps://127.0.0.1:{folder.SecurePort}");

    /// <summary>Its management interface.</summary>
    public BrokerManagement Management { get; }

    /// <summary>Starts a server and waits until it takes connections, which takes about 5 s.</summary>
    public static async Task<BrokerServer> StartAsync(InstalledBroker installed, BrokerOptions? options = null)
    {
        var server = new BrokerServer(installed, new BrokerFolder(options ?? new BrokerOptions()));
        try
        {
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it over the data that are there, after <see cref="KillAsync"/> or <see cref="StopAsync"/>.</summary>
    public async Task StartAsync()
    {
        // setsid does not fork: the program it becomes is no leader of a group yet.
        var start = new ProcessStartInfo("setsid", ["sh", "-c", Watch])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        SetEnvironment(start);
        File.Delete(folder.ProcessFile);
        group = Process.Start(start) ?? throw new InvalidOperationException("The broker did not start.");
        group.OutputDataReceived += (_, line) => Print(line.Data);
        group.ErrorDataReceived += (_, line) => Print(line.Data);
        group.BeginOutputReadLine();
        group.BeginErrorReadLine();
        await UntilAsync(IsReadyAsync);
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        group?.StandardInput.Close();
        await EndAsync();
    }

    /// <summary>Ends it in order, as a service manager does.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await EndAsync();
    }

    /// <summary>Stops it in order and starts it over the same data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Kills it and starts it with nothing of what it held.</summary>
    public async Task LoseDiskAsync()
    {
        await KillAsync();
        folder.DeleteData();
        await StartAsync();
    }

    /// <summary>Halts it (SIGSTOP): connections stay, nothing is answered.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Lets it go on after <see cref="FreezeAsync"/>.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Raises or lowers the alarm of scarce memory, which blocks publishers.</summary>
    public Task SetMemoryAlarmAsync(bool on) => SetAlarmAsync("memory", on);

    /// <summary>Raises or lowers the alarm of a full disk, which blocks publishers.</summary>
    public Task SetDiskAlarmAsync(bool on) => SetAlarmAsync("disk", on);

    /// <summary>Lets the server compute an Erlang expression, which ends with a full stop; gives its printed value.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        var start = new ProcessStartInfo(
            Path.Combine(installed.Erlang, "bin", "erl_call"),
            ["-sname", folder.Node, "-c", BrokerFolder.Cookie, "-e"]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        SetEnvironment(start);
        using var call = Process.Start(start) ?? throw new InvalidOperationException("erl_call did not start.");
        var errors = call.StandardError.ReadToEndAsync();
        await call.StandardInput.WriteAsync(expression + "\n");
        call.StandardInput.Close();
        var answer = await call.StandardOutput.ReadToEndAsync();
        await call.WaitForExitAsync();
        return call.ExitCode == 0 && answer.StartsWith("{ok, ", StringComparison.Ordinal)
            ? answer["{ok, ".Length..^1]
            : throw new InvalidOperationException($"The broker answered '{answer}{await errors}' to: {expression}");
    }

    /// <summary>Kills it and deletes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Management.Dispose();
        folder.Dispose();
    }

    private async Task SetAlarmAsync(string resource, bool on) =>
        await EvaluateAsync(
            on
                ? $"rabbit_alarm:set_alarm({{{{resource_limit, {resource}, node()}}, []}})."
                : $"rabbit_alarm:clear_alarm({{resource_limit, {resource}, node()}})."
        );

    private void SetEnvironment(ProcessStartInfo start)
    {
        foreach (var (name, value) in folder.Environment(installed))
        {
            start.Environment[name] = value;
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        if (group is not { HasExited: false })
        {
            throw new InvalidOperationException($"The broker ended while it started. It printed: {Printed()}");
        }

        if (!await Management.AnswersAsync())
        {
            return false;
        }

        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", folder.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task SignalAsync(string signal)
    {
        var server = int.Parse((await File.ReadAllTextAsync(folder.ProcessFile)).Trim(), CultureInfo.InvariantCulture);
        using var kill = Process.Start("sh", ["-c", $"kill -s {signal} {server}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits until the whole group is gone: its output ends with its last process.</summary>
    private async Task EndAsync()
    {
        if (group is null)
        {
            return;
        }

        using var limit = new CancellationTokenSource(Limit);
        await group.WaitForExitAsync(limit.Token);
        group.Dispose();
        group = null;
    }

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(Tick);
        while (!await condition())
        {
            if (watch.Elapsed > Limit)
            {
                throw new TimeoutException($"The broker was not ready within {Limit.TotalSeconds} s. It printed: {Printed()}");
            }

            await tick.WaitForNextTickAsync();
        }
    }

    private string Printed()
    {
        lock (printed)
        {
            return printed.ToString();
        }
    }

    private void Print(string? line)
    {
        lock (printed)
        {
            printed.Append(line).Append(line is null ? "" : "\n");
        }
    }
}
