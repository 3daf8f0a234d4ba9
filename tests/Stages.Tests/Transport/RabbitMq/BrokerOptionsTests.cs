using BrokerAddress = Pipeline.Stages.Transport.RabbitMq.BrokerAddress;
using BrokerException = Pipeline.Stages.Transport.RabbitMq.BrokerException;
using BrokerOptions = Pipeline.Stages.Transport.RabbitMq.BrokerOptions;

namespace Pipeline.Stages.Tests.Transport.RabbitMq;

public sealed class BrokerOptionsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-options-").FullName;

    [Theory]
    [InlineData("amqp://127.0.0.1", "127.0.0.1:5672", false, "/")]
    [InlineData("amqp://localhost:15400/", "localhost:15400", false, "/")]
    [InlineData("amqps://localhost", "localhost:5671", true, "/")]
    [InlineData("amqp://[::1]:7/images", "[::1]:7", false, "images")]
    [InlineData("amqp://localhost/a%2Fb", "localhost:5672", false, "a/b")]
    public void Address_says_where_the_broker_is(string text, string address, bool tls, string virtualHost)
    {
        var options = BrokerOptions.Parse(text, _ => null);

        options.Addresses.Single().ToString().Should().Be(address);
        options.Tls.Should().Be(tls);
        options.VirtualHost.Should().Be(virtualHost);
    }

    [Fact]
    public void Addresses_are_parted_by_commas()
    {
        var options = BrokerOptions.Parse("amqp://localhost:1/v, amqp://127.0.0.1:2/v", _ => null);

        options.Addresses.Should().Equal(new BrokerAddress("localhost", 1), new BrokerAddress("127.0.0.1", 2));
    }

    [Theory]
    [InlineData("localhost:5672", "*'localhost:5672'; it must be amqp://*")]
    [InlineData("http://localhost", "*it must be amqp://*")]
    [InlineData("", "*it must be amqp://*")]
    [InlineData("amqp://localhost/a/b", "*one virtual host*%2F*")]
    [InlineData("amqp://localhost?heartbeat=1", "*one virtual host*")]
    [InlineData("amqp://localhost,amqps://localhost", "*one scheme and one virtual host*")]
    [InlineData("amqp://localhost/a,amqp://localhost/b", "*one scheme and one virtual host*")]
    public void What_is_no_address_is_refused(string text, string message)
    {
        var parsing = () => BrokerOptions.Parse(text, _ => null);

        parsing.Should().Throw<BrokerException>().WithMessage(message);
    }

    [Theory]
    [InlineData("amqp://me:secret@localhost")]
    [InlineData("http://me:secret@localhost")]
    public void Password_in_an_address_is_refused_and_not_repeated(string text)
    {
        var parsing = () => BrokerOptions.Parse(text, _ => null);

        parsing.Should().Throw<BrokerException>().Which.Message.Should().NotContain("secret");
    }

    [Fact]
    public void Guest_enters_a_broker_of_this_machine_when_nobody_is_named()
    {
        var options = BrokerOptions.Parse("amqp://localhost,amqp://127.0.0.2,amqp://[::1]", _ => null);

        (options.User, options.Password).Should().Be(("guest", "guest"));
    }

    [Theory]
    [InlineData(null, null, "*No credentials*")]
    [InlineData("me", null, "*no password*")]
    [InlineData(null, "secret", "*no user*")]
    public void Elsewhere_a_user_and_a_password_are_needed(string? user, string? password, string message)
    {
        var parsing = () => BrokerOptions.Parse("amqp://broker.example", Environment((UserName, user), (Password, password)));

        parsing.Should().Throw<BrokerException>().WithMessage(message);
    }

    [Fact]
    public void User_and_password_come_from_the_environment()
    {
        var options = BrokerOptions.Parse("amqp://broker.example", Environment((UserName, "me"), (Password, "secret")));

        (options.User, options.Password).Should().Be(("me", "secret"));
        options.ToString().Should().Be("amqp://broker.example:5672");
    }

    [Fact]
    public void Password_comes_from_the_first_line_of_a_file()
    {
        var file = Write("password", "secret\nmore\n");

        var options = BrokerOptions.Parse("amqp://broker.example", Environment((UserName, "me"), (PasswordFile, file)));

        options.Password.Should().Be("secret");
    }

    [Fact]
    public void Password_file_that_does_not_hold_one_is_an_error()
    {
        var missing = () =>
            BrokerOptions.Parse("amqp://localhost", Environment((UserName, "me"), (PasswordFile, Path.Combine(folder, "none"))));
        var empty = () => BrokerOptions.Parse("amqp://localhost", Environment((UserName, "me"), (PasswordFile, Write("empty", "\n"))));
        var both = () =>
            BrokerOptions.Parse(
                "amqp://localhost",
                Environment((UserName, "me"), (Password, "secret"), (PasswordFile, Write("one", "other")))
            );

        missing.Should().Throw<BrokerException>().WithMessage("*cannot be read*");
        empty.Should().Throw<BrokerException>().WithMessage("*is empty*");
        both.Should().Throw<BrokerException>().WithMessage("*both set*").Which.Message.Should().NotContain("secret");
    }

    [Fact]
    public void Certificates_go_with_TLS_and_a_certificate_with_its_key()
    {
        var plain = () => BrokerOptions.Parse("amqp://localhost", _ => null, authorityFile: "ca.pem");
        var keyless = () => BrokerOptions.Parse("amqps://localhost", _ => null, certificateFile: "me.pem");

        plain.Should().Throw<BrokerException>().WithMessage("*go with amqps*");
        keyless.Should().Throw<BrokerException>().WithMessage("*only me.pem*");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private const string UserName = "PIPELINE_BROKER_USER";

    private const string Password = "PIPELINE_BROKER_PASSWORD";

    private const string PasswordFile = "PIPELINE_BROKER_PASSWORD_FILE";

    private static Func<string, string?> Environment(params (string Name, string? Value)[] variables) =>
        name => variables.FirstOrDefault(variable => variable.Name == name).Value;

    private string Write(string name, string text)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, text);
        return file;
    }
}
