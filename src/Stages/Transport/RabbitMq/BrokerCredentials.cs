using System.Net;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>Who enters the broker: from the environment or a file, never from an address.</summary>
internal sealed class BrokerCredentials
{
    /// <summary>Names the user.</summary>
    internal const string UserVariable = "PIPELINE_BROKER_USER";

    /// <summary>Holds the password.</summary>
    internal const string PasswordVariable = "PIPELINE_BROKER_PASSWORD";

    /// <summary>Names a file whose first line is the password.</summary>
    internal const string PasswordFileVariable = "PIPELINE_BROKER_PASSWORD_FILE";

    private const string Guest = "guest";

    private BrokerCredentials(string user, string password)
    {
        User = user;
        Password = password;
    }

    internal string User { get; }

    internal string Password { get; }

    /// <summary>Reads user and password.</summary>
    /// <exception cref="BrokerException">They are not there, are given twice, or their file cannot be read.</exception>
    internal static BrokerCredentials Read(Func<string, string?> environment, IReadOnlyList<BrokerAddress> addresses)
    {
        var user = Value(environment, UserVariable);
        var password = PasswordOf(environment);
        return (user, password) switch
        {
            (not null, not null) => new(user, password),
            (null, null) when addresses.All(address => IsLoopback(address.Host)) => new(Guest, Guest),
            (null, null) => throw new BrokerException(
                $"No credentials are given for the broker {addresses[0]}; guest enters from its own machine alone. Set {UserVariable} and {PasswordVariable} or {PasswordFileVariable}."
            ),
            (null, _) => throw new BrokerException(
                $"A password is given for the broker {addresses[0]}, and no user; both are needed. Set {UserVariable}."
            ),
            _ => throw new BrokerException(
                $"The user {user} is given for the broker {addresses[0]}, and no password; both are needed. Set {PasswordVariable} or {PasswordFileVariable}."
            ),
        };
    }

    private static string? PasswordOf(Func<string, string?> environment)
    {
        var password = Value(environment, PasswordVariable);
        var file = Value(environment, PasswordFileVariable);
        if (password is not null && file is not null)
        {
            throw new BrokerException(
                $"{PasswordVariable} and {PasswordFileVariable} are both set; one of them must hold the password. Unset the other."
            );
        }

        return file is null ? password : FirstLine(file);
    }

    private static string FirstLine(string file)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault() is { Length: > 0 } line
                ? line
                : throw new BrokerException(
                    $"The first line of {file}, which {PasswordFileVariable} names, is empty; it must be the broker's password. Write it there."
                );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BrokerException(
                $"{PasswordFileVariable} names {file}, which cannot be read: {error.Message} It must be a file with the broker's password.",
                error
            );
        }
    }

    private static string? Value(Func<string, string?> environment, string name) =>
        environment(name) is { Length: > 0 } value ? value : null;

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
