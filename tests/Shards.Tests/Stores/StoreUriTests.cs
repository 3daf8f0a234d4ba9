using Pipeline.Shards.Stores;

namespace Pipeline.Shards.Tests.Stores;

public sealed class StoreUriTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("runs/r/caption/00000001.parquet")]
    [InlineData("a/..b/c..")]
    [InlineData(".hidden")]
    [InlineData("ü/🐦.png")]
    public void A_relative_uri_is_given_back(string uri) => StoreUri.Check(uri).Should().Be(uri);

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/../b")]
    [InlineData("a/..")]
    [InlineData("./a")]
    [InlineData("a\\b")]
    [InlineData("c:/a")]
    [InlineData("a\0b")]
    [InlineData("a/.b.tmp-1")]
    public void Any_other_is_refused(string uri)
    {
        var check = () => StoreUri.Check(uri);

        check.Should().Throw<ArgumentException>().Which.Message.Should().StartWith($"The uri is '{uri}'; it must be relative");
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("a/", true)]
    [InlineData("a/b", true)]
    [InlineData("/a", false)]
    [InlineData("../", false)]
    public void A_prefix_may_end_anywhere(string prefix, bool valid)
    {
        var check = () => StoreUri.CheckPrefix(prefix);

        if (valid)
            check.Should().NotThrow();
        else
            check.Should().Throw<ArgumentException>();
    }
}
