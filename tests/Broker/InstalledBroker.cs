namespace Pipeline.Tests.Broker;

/// <summary>A RabbitMQ that <c>infra/setup.sh --tests</c> has unpacked.</summary>
/// <param name="Version">Major and minor number, such as <c>4.0</c>.</param>
/// <param name="Folder">Where its packages' <c>usr</c> lies.</param>
public sealed record InstalledBroker(string Version, string Folder)
{
    /// <summary>All that are there, the newest first.</summary>
    public static IReadOnlyList<InstalledBroker> All { get; } = Find();

    /// <summary>Where Erlang lies.</summary>
    public string Erlang => Path.Combine(Folder, "usr", "lib", "erlang");

    /// <summary>The server's own folder, with its plugins and commands.</summary>
    public string Server => Directory.GetDirectories(Path.Combine(Folder, "usr", "lib", "rabbitmq", "lib"), "rabbitmq_server-*").Single();

    private static InstalledBroker[] Find()
    {
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            var brokers = Path.Combine(above.FullName, "artifacts", "brokers");
            if (Directory.Exists(brokers))
            {
                return
                [
                    .. Directory
                        .GetDirectories(brokers)
                        .Where(folder => File.Exists(Path.Combine(folder, "installed")))
                        .Select(folder => new InstalledBroker(Path.GetFileName(folder), folder))
                        .OrderByDescending(broker => System.Version.Parse(broker.Version)),
                ];
            }
        }

        return [];
    }
}
