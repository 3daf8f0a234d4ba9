using System.Globalization;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Definition;

public sealed class FingerprintTests
{
    private static readonly (string, string)[] Artifacts = [("domains", "00ff"), ("base-classifier", "11ee")];

    private static string Of(EveryOptions options) => Fingerprint.Of(new EveryKind(), options, 7, Artifacts);

    [Fact]
    public void Fingerprint_is_the_recorded_one_in_every_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };

        var found = Fingerprint.Of(new EveryKind(), new EveryOptions { Strength = -0.25, MicroBatch = -3 }, -7, Artifacts);

        CultureInfo.CurrentCulture = culture;
        found.Should().Be("6b881b3917ffdd7f6efaad6e2f3061dd");
    }

    [Fact]
    public void Content_neutral_option_changes_nothing()
    {
        var one = new EveryOptions { Workers = 1 };

        var many = one with { Workers = 64 };

        Of(many).Should().Be(Of(one));
    }

    [Fact]
    public void Option_that_was_added_later_changes_nothing_at_its_default()
    {
        var kind = new NamedKind("every", typeof(EveryOptions));

        var without = Fingerprint.Of(kind, new NoOptions(), 7, []);
        var atDefault = Fingerprint.Of(kind, new LaterOptions(), 7, []);
        var set = Fingerprint.Of(kind, new LaterOptions { Names = ["a"] }, 7, []);

        atDefault.Should().Be(without);
        set.Should().NotBe(without);
    }

    private sealed record LaterOptions : Sdk.IStageOptions
    {
        [Sdk.AddedLater]
        public IReadOnlyList<string> Names { get; init; } = [];

        public IEnumerable<string> Faults(string stage) => [];
    }

    [Fact]
    public void Every_option_that_can_change_content_changes_it()
    {
        var plain = new EveryOptions();

        EveryOptions[] changed =
        [
            plain with
            {
                Embed = true,
            },
            plain with
            {
                MicroBatch = 17,
            },
            plain with
            {
                ShardBytes = 1,
            },
            plain with
            {
                Strength = 0.80000000000000016,
            },
            plain with
            {
                Backend = "other",
            },
            plain with
            {
                LabelColumn = "null",
            },
            plain with
            {
                LabelColumn = "",
            },
            plain with
            {
                Shape = Shape.RoundShape,
            },
            plain with
            {
                Wait = TimeSpan.Zero,
            },
            plain with
            {
                Trainings = ["a", "b"],
            },
            plain with
            {
                Trainings = ["a, b"],
            },
            plain with
            {
                Trainings = ["b", "a"],
            },
            plain with
            {
                Quota = null,
            },
        ];

        changed
            .Append(plain)
            .Select(Of)
            .Should()
            .OnlyHaveUniqueItems()
            .And.AllSatisfy(found => found.Should().MatchRegex("^[0-9a-f]{32}$"));
    }

    [Fact]
    public void Version_seed_kind_and_artifacts_change_it()
    {
        var options = new EveryOptions();
        var kind = new EveryKind();

        string[] found =
        [
            Fingerprint.Of(kind, options, 7, Artifacts),
            Fingerprint.Of(new EveryKind { Version = 2 }, options, 7, Artifacts),
            Fingerprint.Of(new NamedKind("other", typeof(EveryOptions)), options, 7, Artifacts),
            Fingerprint.Of(kind, options, 8, Artifacts),
            Fingerprint.Of(kind, options, 7, []),
            Fingerprint.Of(kind, options, 7, [("domains", "00fe"), ("base-classifier", "11ee")]),
            Fingerprint.Of(kind, options, 7, [("domain", "00ff"), ("base-classifier", "11ee")]),
        ];

        found.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Order_of_artifacts_changes_nothing()
    {
        var options = new EveryOptions();

        var turned = Fingerprint.Of(new EveryKind(), options, 7, Artifacts.Reverse());

        turned.Should().Be(Of(options));
    }

    [Fact]
    public void Artifact_given_twice_is_refused()
    {
        (string, string)[] twice = [("domains", "a"), ("domains", "b")];

        var make = () => Fingerprint.Of(new EveryKind(), new EveryOptions(), 7, twice);

        make.Should().Throw<ArgumentException>().WithMessage("*domains is given 2 times*");
    }
}
