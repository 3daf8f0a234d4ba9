using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Pipeline.Stages.Transport.RabbitMq;
using Pipeline.Tests.Broker;
using BrokerOptions = Pipeline.Stages.Transport.RabbitMq.BrokerOptions;

namespace Pipeline.Stages.Tests.Transport.RabbitMq;

[Trait("Kind", "Broker")]
public sealed class RabbitMqConnectTests(SharedBroker brokers)
{
    [Fact]
    public async Task Broker_that_does_not_listen_is_an_error()
    {
        var port = FreePort();

        var error = await ErrorAsync(BrokerAt.Options(new Uri($"amqp://127.0.0.1:{port}")));

        error.Should().StartWith($"The broker 127.0.0.1:{port} cannot be reached (").And.EndWith("Start it, or name another address.");
    }

    [Fact]
    public async Task Machine_that_has_no_address_is_an_error()
    {
        var error = await ErrorAsync(Options("amqp://no-such-machine.invalid"));

        error.Should().StartWith("The broker no-such-machine.invalid:5672 cannot be reached (");
    }

    [Fact]
    public async Task Broker_that_does_not_answer_is_an_error()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var error = await ErrorAsync(BrokerAt.Options(new Uri($"amqp://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}")));

        error.Should().Contain("does not answer; it must within some seconds.");
    }

    [Fact]
    public async Task Wrong_password_is_an_error_that_does_not_repeat_it()
    {
        var broker = await brokers.ServerAsync();

        var error = await ErrorAsync(BrokerAt.Options(broker.Address) with { Password = "not-this" });

        error.Should().Contain("refuses the user guest; it must be one whose password is right.").And.NotContain("not-this");
    }

    [Fact]
    public async Task Missing_virtual_host_is_an_error()
    {
        var broker = await brokers.ServerAsync();

        var error = await ErrorAsync(BrokerAt.Options(new Uri(broker.Address, "/nowhere")));

        error.Should().Contain("has no virtual host nowhere; it must be there.");
    }

    [Fact]
    public async Task User_without_the_right_to_a_virtual_host_is_an_error()
    {
        var broker = await brokers.ServerAsync();
        await broker.Management.AddUserAsync("stranger", "known");

        var error = await ErrorAsync(BrokerAt.Options(broker.Address) with { User = "stranger", Password = "known" });

        error.Should().Contain("does not let the user stranger into the virtual host /");
    }

    [Fact]
    public async Task Virtual_host_of_the_address_is_entered()
    {
        var broker = await brokers.ServerAsync();
        await broker.Management.AddVirtualHostAsync("a/b");

        await using var transport = await RabbitMqTransport.ConnectAsync(
            BrokerAt.Options(new Uri(broker.Address, "/a%2Fb")),
            _ => { },
            CancellationToken.None
        );
        await transport.DeclareExchangeAsync("there", CancellationToken.None);

        (await broker.Management.ExchangesAsync("a/b")).Select(exchange => exchange.Name).Should().Equal("there");
    }

    [Fact]
    public async Task First_address_that_answers_is_taken_and_all_are_named_when_none_does()
    {
        var broker = await brokers.ServerAsync();
        var (one, two) = (FreePort(), FreePort());

        await using var transport = await RabbitMqTransport.ConnectAsync(
            Options($"amqp://127.0.0.1:{one},amqp://127.0.0.1:{broker.Address.Port}"),
            _ => { },
            CancellationToken.None
        );
        var error = await ErrorAsync(Options($"amqp://127.0.0.1:{one},amqp://127.0.0.1:{two}"));

        error.Should().Contain($"127.0.0.1:{one} cannot").And.Contain($"127.0.0.1:{two} cannot");
    }

    [Fact]
    public async Task TLS_to_a_plain_port_is_an_error()
    {
        var broker = await brokers.ServerAsync();

        var error = await ErrorAsync(Options($"amqps://127.0.0.1:{broker.Address.Port}"));

        error.Should().Contain("amqps needs a port that speaks TLS");
    }

    [Theory]
    [InlineData("3.9.29", false)]
    [InlineData("3.10.0", true)]
    [InlineData("3.10.8-1", true)]
    [InlineData("4.0.5", true)]
    [InlineData("2.12", false)]
    [InlineData("unknown", false)]
    public void Broker_is_3_10_or_later(string version, bool expected)
    {
        var known = BrokerFault.IsKnown(version);

        known.Should().Be(expected);
    }

    private static BrokerOptions Options(string address) =>
        BrokerOptions.Parse(address, name => name.EndsWith("FILE", StringComparison.Ordinal) ? null : "guest");

    internal static async Task<string> ErrorAsync(BrokerOptions options)
    {
        var clock = Stopwatch.StartNew();
        var connecting = () => RabbitMqTransport.ConnectAsync(options, _ => { }, CancellationToken.None);
        var error = await connecting.Should().ThrowAsync<BrokerException>();
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10));
        return error.Which.Message;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
