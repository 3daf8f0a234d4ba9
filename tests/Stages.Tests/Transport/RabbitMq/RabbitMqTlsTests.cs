using Pipeline.Stages.Transport.RabbitMq;
using Pipeline.Tests.Broker;
using BrokerOptions = Pipeline.Stages.Transport.RabbitMq.BrokerOptions;
using TestOptions = Pipeline.Tests.Broker.BrokerOptions;

namespace Pipeline.Stages.Tests.Transport.RabbitMq;

[Trait("Kind", "Broker")]
public sealed class RabbitMqTlsTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-tls-").FullName;
    private BrokerServer? started;

    private BrokerServer Broker => started!;

    public async ValueTask InitializeAsync()
    {
        var certificates = new BrokerCertificates();
        certificates.WriteTo(folder);
        new BrokerCertificates().WriteTo(Directory.CreateDirectory(Path.Combine(folder, "strangers")).FullName);
        started = await BrokerServer.StartAsync(
            SharedBroker.Installed(),
            new TestOptions { Certificates = certificates, ClientCertificate = true }
        );
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Both_sides_show_certificates_that_the_other_trusts()
    {
        await using var transport = await RabbitMqTransport.ConnectAsync(
            Options(BrokerCertificates.AuthorityFile, BrokerCertificates.ClientFile, BrokerCertificates.ClientKeyFile),
            _ => { },
            CancellationToken.None
        );
        await transport.DeclareExchangeAsync("run.tls", CancellationToken.None);
        await transport.DeclareQueueAsync(
            "run.tls.one",
            "run.tls.failed",
            Pipeline.Stages.Transport.QueueForm.Shared,
            CancellationToken.None
        );
        await transport.BindAsync("run.tls", "run.tls.one", "#", CancellationToken.None);

        await transport.PublishAsync("run.tls", "key", Deliveries.Message("one"), CancellationToken.None);

        await using var deliveries = await Deliveries.OfAsync(transport, "run.tls.one");
        Deliveries.Text(await deliveries.NextAsync()).Should().Be("one");
    }

    [Fact]
    public async Task Broker_of_an_authority_that_is_not_trusted_is_an_error()
    {
        var strangers = await RabbitMqConnectTests.ErrorAsync(Options(Path.Combine("strangers", BrokerCertificates.AuthorityFile)));
        var machine = await RabbitMqConnectTests.ErrorAsync(Options(authority: null));

        strangers.Should().Contain("is not trusted: its certificate is of CN=server, signed by CN=authority of a test");
        machine.Should().Contain("whom this machine does not trust");
    }

    [Fact]
    public async Task Broker_that_wants_a_certificate_and_gets_none_is_an_error()
    {
        var error = await RabbitMqConnectTests.ErrorAsync(Options(BrokerCertificates.AuthorityFile));

        error.Should().Contain("give a certificate that it trusts");
    }

    [Fact]
    public async Task Plain_talk_to_a_TLS_port_is_an_error()
    {
        var error = await RabbitMqConnectTests.ErrorAsync(BrokerAt.Options(new Uri($"amqp://127.0.0.1:{Broker.SecureAddress.Port}")));

        error.Should().Contain("and whether the port wants amqps.");
    }

    [Fact]
    public async Task File_that_is_not_there_or_holds_no_certificate_is_an_error()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "empty.pem"), "");

        var missing = await RabbitMqConnectTests.ErrorAsync(Options("none.pem"));
        var empty = await RabbitMqConnectTests.ErrorAsync(Options("empty.pem"));

        missing.Should().Contain("none.pem cannot be used");
        empty.Should().Contain("It holds no certificate.");
    }

    private BrokerOptions Options(string? authority, string? certificate = null, string? key = null) =>
        BrokerOptions.Parse(Broker.SecureAddress.ToString(), _ => null, In(authority), In(certificate), In(key));

    private string? In(string? file) => file is null ? null : Path.Combine(folder, file);
}
