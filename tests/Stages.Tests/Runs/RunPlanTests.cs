using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Tests.Runs;

public sealed class RunPlanTests
{
    [Fact]
    public void Edits_are_training_samples_times_descriptions_times_variants_and_filter_sees_each()
    {
        var plan = Of("edit.variants=3", "describe.limit=4");

        Rows(plan, "edit").Should().Be(100 * 4 * 3);
        Rows(plan, "filter").Should().Be(100 * 4 * 3);
        Rows(plan, "select").Should().Be(100);
        Rows(plan, "export").Should().Be(150 + 100);
    }

    [Fact]
    public void Prompts_take_the_place_of_descriptions()
    {
        var plan = Of("""edit.prompts=["a photo of a {} in fog", "a photo of a {} at night"]""");

        Rows(plan, "edit").Should().Be(100 * 2);
    }

    [Fact]
    public void Disk_of_training_grows_by_four_times_the_weights_with_each_training()
    {
        var one = Bytes(Of("train.trainings=[original]"), "train");
        var two = Bytes(Of(), "train");
        var four = Bytes(Of("train.seeds=2"), "train");

        (four - two).Should().Be(2 * (two - one));
        (two - one).Should().BeInRange(4 * 44_000_000, 4 * 46_000_000); // ResNet-18 in float32, head of 2 classes
    }

    [Fact]
    public void Sums_are_over_the_stages_and_cores_share_the_work()
    {
        var plan = new RunPlan(
            [
                (
                    "a",
                    new StagePlan
                    {
                        Rows = 1,
                        Bytes = 30,
                        Work = TimeSpan.FromSeconds(10),
                    }
                ),
                ("b", null),
                (
                    "c",
                    new StagePlan
                    {
                        Rows = 1,
                        Bytes = 12,
                        Work = TimeSpan.FromSeconds(6),
                    }
                ),
            ],
            Cores: 4,
            Trials: 1
        );

        plan.Bytes.Should().Be(42);
        plan.Time.Should().Be(TimeSpan.FromSeconds(4));
    }

    private static RunPlan Of(params string[] sets) =>
        RunPlan.Of(
            new PlanSite
            {
                Pipeline = RunSession.Read("starter", [.. sets, "train.imageSize=32"]),
                Splits = new Dictionary<string, int>(StringComparer.Ordinal)
                {
                    ["train"] = 100,
                    ["validation"] = 30,
                    ["test"] = 20,
                },
                Classes = 2,
                SampleBytes = 5000,
                Samples = [],
                Clock = TimeProvider.System,
            },
            cores: 2
        );

    private static long Rows(RunPlan plan, string stage) => Plan(plan, stage).Rows;

    private static long Bytes(RunPlan plan, string stage) => Plan(plan, stage).Bytes;

    private static StagePlan Plan(RunPlan plan, string stage) => plan.Stages.First(one => one.Stage == stage).Plan!;
}
