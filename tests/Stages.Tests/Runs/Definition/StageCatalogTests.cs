using Pipeline.Sdk;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Definition;

public sealed class StageCatalogTests
{
    private sealed record ColourOptions : IStageOptions
    {
        public Version? Colour { get; init; }

        public IEnumerable<string> Faults(string stage) => [];
    }

    private sealed record KindOptions : IStageOptions
    {
        public string Kind { get; init; } = "";

        public IEnumerable<string> Faults(string stage) => [];
    }

    [Fact]
    public void Kinds_of_an_assembly_are_found_in_ordinal_order()
    {
        var assembly = typeof(SourceKind).Assembly;

        var catalog = StageCatalog.Of(assembly);

        catalog.Kinds.Select(kind => kind.Name).Should().Equal("every", "gated", "maker", "source");
        catalog.Find("source").Should().BeOfType<SourceKind>();
    }

    [Fact]
    public void Unknown_kind_is_answered_with_the_known_ones()
    {
        var catalog = new StageCatalog([new SourceKind(), new GatedKind()]);

        var find = () => catalog.Find("sorce");

        find.Should().Throw<KeyNotFoundException>().WithMessage("*'sorce'; it must be one of gated, source. Did you mean source?");
        catalog.TryFind("sorce", out _).Should().BeFalse();
    }

    [Fact]
    public void Two_kinds_of_one_name_are_refused()
    {
        IStageKind[] kinds = [new SourceKind(), new NamedKind("source", typeof(NoOptions))];

        var make = () => new StageCatalog(kinds);

        make.Should().Throw<ArgumentException>().WithMessage("*both named source*");
    }

    [Theory]
    [InlineData("Source", typeof(NoOptions), "lower-case letters")]
    [InlineData("good", typeof(ColourOptions), "option colour")]
    [InlineData("good", typeof(KindOptions), "option kind")]
    [InlineData("good", typeof(string), "no record of options")]
    public void Kind_that_no_file_can_name_or_set_is_refused(string name, Type options, string says)
    {
        IStageKind[] kinds = [new NamedKind(name, options)];

        var make = () => new StageCatalog(kinds);

        make.Should().Throw<ArgumentException>().WithMessage($"*{says}*");
    }
}
