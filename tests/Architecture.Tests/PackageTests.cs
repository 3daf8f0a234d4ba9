using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Pipeline.Architecture.Tests;

public sealed partial class PackageTests
{
    /// <summary>MassTransit is Apache-2.0 up to version 8; from 9 on its licence is commercial.</summary>
    private const int FirstCommercialMassTransit = 9;

    private static readonly (string Name, string Version)[] Packages =
    [
        .. XDocument
            .Load(Path.Combine(SourceTree.Root, "Directory.Packages.props"))
            .Descendants("PackageVersion")
            .Select(package => (package.Attribute("Include")!.Value, package.Attribute("Version")!.Value)),
    ];

    [Fact]
    public void Versions_are_exact()
    {
        var loose = Packages.Where(package => !Exact().IsMatch(package.Version));

        Packages.Should().NotBeEmpty();
        loose.Should().BeEmpty("a version is written as [1.2.3]");
    }

    [Fact]
    public void MassTransit_stays_below_its_commercial_version()
    {
        var commercial = Packages.Where(IsCommercial);

        Packages.Should().NotBeEmpty();
        commercial.Should().BeEmpty();
    }

    [Theory]
    [InlineData("MassTransit.RabbitMQ", "[8.5.12]", false)]
    [InlineData("MassTransit.RabbitMQ", "[9.0.0]", true)]
    [InlineData("MassTransit", "[10.1.0]", true)]
    [InlineData("Parquet.Net", "[9.0.0]", false)]
    public void Rule_on_MassTransit_sees_its_version(string name, string version, bool expected)
    {
        var seen = IsCommercial((name, version));

        seen.Should().Be(expected);
    }

    private static bool IsCommercial((string Name, string Version) package) =>
        package.Name.StartsWith("MassTransit", StringComparison.Ordinal)
        && int.Parse(package.Version.TrimStart('[', '(').Split('.')[0], CultureInfo.InvariantCulture) >= FirstCommercialMassTransit;

    [GeneratedRegex(@"^\[\d+\.[\w.-]+\]$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Exact();
}
