using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport.RabbitMq;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>Which errors pass by themselves, and how long is waited for that.</summary>
public sealed class TransientFaultTests
{
    public static TheoryData<Exception, TransientKind?> Errors =>
        new()
        {
            { new IOException("the device is not ready"), TransientKind.Store },
            { new FileNotFoundException(), null },
            { new DirectoryNotFoundException(), null },
            { new EndOfStreamException(), null },
            { new UnauthorizedAccessException(), null },
            { new BrokerException("gone"), TransientKind.Broker },
            { new RabbitMQ.Client.Exceptions.BrokerUnreachableException(new IOException("refused")), TransientKind.Broker },
            { new HttpRequestException("refused"), TransientKind.Service },
            { new HttpRequestException("busy", null, HttpStatusCode.TooManyRequests), TransientKind.Service },
            { new HttpRequestException("broken", null, HttpStatusCode.InternalServerError), TransientKind.Service },
            { new HttpRequestException("who", new IOException(), HttpStatusCode.Unauthorized), null },
            { new HttpIOException(HttpRequestError.ResponseEnded), TransientKind.Service },
            { new SocketException((int)SocketError.ConnectionReset), TransientKind.Service },
            { new TryAgainException("busy"), TransientKind.Service },
            { new TimeoutException(), TransientKind.TimeOut },
            { new OperationCanceledException("", new TimeoutException()), TransientKind.TimeOut },
            { new OperationCanceledException(), null },
            { new OutOfMemoryException(), TransientKind.Memory },
            { new InvalidOperationException("The captioner failed.", new TryAgainException("busy")), TransientKind.Service },
            { new InvalidOperationException("wrong"), null },
        };

    [Theory]
    [MemberData(nameof(Errors))]
    public void What_passes_by_itself_has_its_kind_and_nothing_else_has_one(Exception error, TransientKind? expected)
    {
        var fault = TransientFault.Of(error);

        fault?.Kind.Should().Be(expected);
        (fault is null).Should().Be(expected is null);
    }

    [Fact]
    public void Waits_grow_are_drawn_and_are_the_same_for_the_same_work()
    {
        var fault = new TransientFault(TransientKind.Store);

        for (var attempt = 0; attempt < 12; attempt++)
        {
            var aside = Math.Min(10 * Math.Pow(5, attempt), 300);
            fault.Aside(attempt, "7 caption 3").TotalSeconds.Should().BeInRange(aside / 2, aside);
            fault.InPlace(attempt, "7 caption 3").TotalSeconds.Should().BeInRange(0.05 * Math.Pow(2, attempt), 0.1 * Math.Pow(2, attempt));
        }

        fault.Aside(0, "7 caption 3").Should().Be(fault.Aside(0, "7 caption 3")).And.NotBe(fault.Aside(0, "7 caption 4"));
    }

    [Fact]
    public void What_a_service_asks_for_is_waited_for_at_least()
    {
        var fault = new TransientFault(TransientKind.Service, TimeSpan.FromSeconds(700));

        (fault.Aside(0, ""), fault.InPlace(0, "")).Should().Be((TimeSpan.FromSeconds(700), TimeSpan.FromSeconds(700)));
    }

    [Theory]
    [InlineData(200, null)]
    [InlineData(404, null)]
    [InlineData(499, null)]
    [InlineData(408, 30.0)]
    [InlineData(425, 30.0)]
    [InlineData(429, 30.0)]
    [InlineData(500, 30.0)]
    [InlineData(503, 30.0)]
    public void An_answer_that_passes_is_told_with_its_retry_after(int status, double? expected)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.RetryAfter = new(TimeSpan.FromSeconds(30));

        var error = TryAgainException.Of(response, TimeProvider.System);

        error?.After?.TotalSeconds.Should().Be(expected);
        (error is null).Should().Be(expected is null);
    }
}
