using System.Globalization;

namespace Pipeline.Tests.Broker;

/// <summary>The files, ports and settings of one <see cref="BrokerServer"/>, which outlive its restarts.</summary>
internal sealed class BrokerFolder : IDisposable
{
    public const string Cookie = "pipeline";
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-broker-").FullName;
    private readonly int[] ports = LoopbackPorts.Take(5);

    public BrokerFolder(BrokerOptions options)
    {
        File.WriteAllText(Path.Combine(folder, "enabled_plugins"), "[rabbitmq_management].\n");
        File.WriteAllLines(Path.Combine(folder, "rabbitmq.conf"), Settings(options));
        // The server has no name for these in rabbitmq.conf.
        var tick = options.ChannelTick is { } channel ? $", {{channel_tick_interval, {Milliseconds(channel)}}}" : "";
        File.WriteAllText(Path.Combine(folder, "advanced.config"), $"[{{rabbit, [{{quorum_tick_interval, 1000}}{tick}]}}].\n");
        options.Certificates?.WriteTo(folder);
    }

    public int Port => ports[0];

    public int ManagementPort => ports[1];

    public int SecurePort => ports[2];

    public string Node => $"pipeline{Port}@localhost";

    /// <summary>Holds the server's process id while it runs.</summary>
    public string ProcessFile => Path.Combine(folder, "pid");

    private string Data => Path.Combine(folder, "data");

    public void DeleteData() => Directory.Delete(Data, recursive: true);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public IEnumerable<(string Name, string Value)> Environment(InstalledBroker installed) =>
        [
            ("PATH", $"{Path.Combine(installed.Erlang, "bin")}:{System.Environment.GetEnvironmentVariable("PATH")}"),
            ("HOME", folder),
            ("LD_LIBRARY_PATH", Path.Combine(installed.Folder, "usr", "lib", "x86_64-linux-gnu")),
            ("ERL_ROOTDIR", installed.Erlang),
            ("ERL_EPMD_PORT", Text(ports[3])),
            ("ERL_EPMD_ADDRESS", "127.0.0.1"),
            ("RABBITMQ_HOME", installed.Server),
            ("RABBITMQ_PLUGINS_DIR", Path.Combine(installed.Server, "plugins")),
            ("RABBITMQ_NODENAME", Node),
            ("RABBITMQ_DIST_PORT", Text(ports[4])),
            ("RABBITMQ_MNESIA_BASE", Data),
            ("RABBITMQ_LOG_BASE", Path.Combine(folder, "log")),
            ("RABBITMQ_PID_FILE", ProcessFile),
            ("RABBITMQ_CONFIG_FILE", Path.Combine(folder, "rabbitmq")),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", Path.Combine(folder, "advanced.config")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(folder, "enabled_plugins")),
            ("RABBITMQ_CONF_ENV_FILE", Path.Combine(folder, "none")),
            // Two threads that do not spin while they wait: the machine is for what is tested.
            (
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                $"-setcookie {Cookie} +S 2:2 +SDcpu 1:1 +SDio 2 +A 8 +sbwt none +sbwtdcpu none +sbwtdio none"
            ),
        ];

    private IEnumerable<string> Settings(BrokerOptions options)
    {
        yield return $"listeners.tcp.1 = 127.0.0.1:{Port}";
        yield return $"management.tcp.port = {ManagementPort}";
        yield return "management.tcp.ip = 127.0.0.1";
        yield return "management.rates_mode = none";
        yield return "collect_statistics_interval = 1000";
        yield return "disk_free_limit.absolute = 10MB";
        yield return "raft.wal_max_size_bytes = 64000000";
        if (options.AcknowledgementTimeout is { } timeout)
        {
            yield return $"consumer_timeout = {Milliseconds(timeout)}";
        }

        if (options.Certificates is not null)
        {
            yield return $"listeners.ssl.1 = 127.0.0.1:{SecurePort}";
            yield return $"ssl_options.cacertfile = {Path.Combine(folder, BrokerCertificates.AuthorityFile)}";
            yield return $"ssl_options.certfile = {Path.Combine(folder, BrokerCertificates.ServerFile)}";
            yield return $"ssl_options.keyfile = {Path.Combine(folder, BrokerCertificates.ServerKeyFile)}";
            yield return "ssl_options.verify = verify_peer";
            yield return $"ssl_options.fail_if_no_peer_cert = {(options.ClientCertificate ? "true" : "false")}";
        }

        foreach (var line in options.Settings)
        {
            yield return line;
        }
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
