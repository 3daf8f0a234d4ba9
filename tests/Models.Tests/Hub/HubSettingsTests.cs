using Pipeline.ModelHub;
using Pipeline.Models.Hub.Download;

namespace Pipeline.Models.Tests.Hub;

public sealed class HubSettingsTests : IDisposable
{
    private readonly ModelPlace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public void Token_is_that_of_the_variable_then_of_the_named_file_then_of_the_home()
    {
        var (named, home) = (place.Write("named", "hf_named\n"), Path.GetDirectoryName(place.Write("home/token", "hf_home"))!);

        Of(("HF_TOKEN", "hf_given"), ("HF_TOKEN_PATH", named), ("HF_HOME", home)).Token.Should().Be("hf_given");
        Of(("HF_TOKEN_PATH", named), ("HF_HOME", home)).Token.Should().Be("hf_named");
        Of(("HF_HOME", home)).Token.Should().Be("hf_home");
        Of(("HF_HOME", place.Root)).Token.Should().BeNull();
    }

    [Theory]
    [InlineData("hf_a\nHost: x")]
    [InlineData("hf_é")]
    [InlineData(" ")]
    public void Token_that_is_no_line_is_refused_and_not_repeated(string token)
    {
        var settings = () => Of(("HF_TOKEN", token));

        settings
            .Should()
            .Throw<HubException>()
            .WithMessage("The token of HF_TOKEN is not one line*")
            .Which.Message.Should()
            .NotContain("hf_");
    }

    [Fact]
    public void Token_file_that_is_named_must_be_there()
    {
        var settings = () => Of(("HF_TOKEN_PATH", "/nowhere/token"));

        settings.Should().Throw<HubException>().WithMessage("HF_TOKEN_PATH is /nowhere/token, where no file is*");
    }

    [Theory]
    [InlineData("https://mirror.example.com/hf/", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("http://mirror.example.com", false)]
    [InlineData("https://me:word@mirror.example.com", false)]
    [InlineData("https://mirror.example.com/?a=b", false)]
    [InlineData("mirror", false)]
    public void Endpoint_is_encrypted_or_on_this_machine(string endpoint, bool isGood)
    {
        var settings = () => Of(("HF_ENDPOINT", endpoint), ("HF_TOKEN", "hf_a"));

        if (isGood)
            settings().Endpoint.AbsoluteUri.TrimEnd('/').Should().Be(endpoint.TrimEnd('/'));
        else
            settings.Should().Throw<HubException>().WithMessage("HF_ENDPOINT is *; it must be an https address*");
    }

    [Fact]
    public void Endpoint_without_a_variable_is_the_hub() => Of(("HF_TOKEN", "a")).Endpoint.Should().Be(new Uri("https://huggingface.co"));

    private static HubSettings Of(params (string Name, string Value)[] variables) =>
        HubSettings.Of(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
