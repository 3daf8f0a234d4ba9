using System.Net.Sockets;
using System.Security.Authentication;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>Says in one sentence why a broker could not be entered.</summary>
internal static class BrokerFault
{
    /// <summary>The sentence, from what the client threw and what was thought of the broker's certificate.</summary>
    internal static BrokerException Of(BrokerAddress address, BrokerOptions options, Exception error, string? distrust)
    {
        var all = Flat(error).ToList();
        var said = all.OfType<OperationInterruptedException>().FirstOrDefault()?.ShutdownReason?.ReplyText;
        var why = 0 switch
        {
            _ when distrust is not null =>
                $"is not trusted: {distrust}; it must be signed by an authority that is trusted. Name the authority's file, or the broker by the name in its certificate",
            _ when all.Exists(IsAccessRefused) || all.OfType<AuthenticationFailureException>().Any() =>
                $"refuses the user {options.User}; it must be one whose password is right. Check {BrokerCredentials.UserVariable} and {BrokerCredentials.PasswordVariable}",
            _ when said?.Contains("not found", StringComparison.Ordinal) == true =>
                $"has no virtual host {options.VirtualHost}; it must be there. Add it, or name another behind the port of the address",
            _ when said is not null =>
                $"does not let the user {options.User} into the virtual host {options.VirtualHost} ({said}); the user must have the right. Permit it",
            _ when all.OfType<AuthenticationException>().FirstOrDefault() is { } tls =>
                $"does not agree on TLS ({tls.Message}); amqps needs a port that speaks TLS. Name that port, usually 5671, or write amqp",
            _ when all.OfType<SocketException>().FirstOrDefault() is { } socket =>
                $"cannot be reached ({socket.Message}); a RabbitMQ must listen there. Start it, or name another address",
            _ when all.Exists(one => one is OperationCanceledException or TimeoutException) =>
                $"does not answer; it must within some seconds. Look whether it is well, whether a firewall is between, and whether the port wants {(options.Tls ? "amqp" : "amqps")}",
            _ when options.Tls =>
                "ends the talk about TLS; amqps needs a port that speaks TLS and takes this side's certificate. Name that port, usually 5671, give a certificate that it trusts, or write amqp",
            _ => "does not speak AMQP; a RabbitMQ must listen there, without TLS. Name its plain port, usually 5672, or write amqps",
        };
        return new BrokerException($"The broker {address} {why}.", error);
    }

    /// <summary>Looks at the version of a broker that let us in.</summary>
    /// <exception cref="BrokerException">It is older than 3.10.</exception>
    internal static void CheckVersion(BrokerAddress address, IConnection connection)
    {
        var version =
            connection.ServerProperties is { } properties && properties.TryGetValue("version", out var value) && value is byte[] bytes
                ? System.Text.Encoding.UTF8.GetString(bytes)
                : "unknown";
        if (!IsKnown(version))
        {
            throw new BrokerException(
                $"The broker {address} is RabbitMQ {version}; it must be 3.10 or later, which hands dead letters over at least once. Upgrade it."
            );
        }
    }

    internal static bool IsKnown(string version)
    {
        var parts = version.Split('.', '-', '+');
        return parts.Length >= 2
            && int.TryParse(parts[0], System.Globalization.CultureInfo.InvariantCulture, out var major)
            && int.TryParse(parts[1], System.Globalization.CultureInfo.InvariantCulture, out var minor)
            && (major > 3 || (major == 3 && minor >= 10));
    }

    private static bool IsAccessRefused(Exception error) =>
        error is OperationInterruptedException { ShutdownReason.ReplyCode: Constants.AccessRefused }
        && error.Message.Contains("ACCESS_REFUSED - Login", StringComparison.Ordinal);

    private static IEnumerable<Exception> Flat(Exception error) =>
        error switch
        {
            AggregateException many => many.InnerExceptions.SelectMany(Flat).Prepend(many),
            { InnerException: { } inner } => Flat(inner).Prepend(error),
            _ => [error],
        };
}
