using System.Net;
using Pipeline.Stages.Ingest.Urls;

namespace Pipeline.Stages.Tests.Ingest.Urls;

public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("1.1.1.1", true)]
    [InlineData("9.255.255.255", true)]
    [InlineData("10.0.0.0", false)]
    [InlineData("10.255.255.255", false)]
    [InlineData("11.0.0.0", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("100.63.255.255", true)]
    [InlineData("100.64.0.0", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.16.0.0", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.0", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.20.0.0", true)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:1.1.1.1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001:0:1::", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", false)]
    public void Only_addresses_of_the_public_internet_are_public(string address, bool isPublic)
    {
        PublicAddress.Is(IPAddress.Parse(address)).Should().Be(isPublic);
    }
}
