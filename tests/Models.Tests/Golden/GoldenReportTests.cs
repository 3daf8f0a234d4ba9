using Pipeline.Models.Tests.Weights;
using Pipeline.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

public sealed class GoldenReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("basic/eval", 0.0, true)]
    [InlineData("basic/eval", 10.0, false)]
    [InlineData("bottleneck_s2/after3.bn3.running_var", 10.0, false)]
    [InlineData("bottleneck/losses", -10.0, false)]
    public void One_expected_value_altered_by_10_times_its_tolerance_fails(string tensor, double tolerances, bool passes)
    {
        var code = new ResNetGolden().For("blocks.safetensors")!;
        var altered = Altered("blocks.safetensors", tensor, tolerances);

        var act = () => GoldenTests.Run(altered, code).MustPass();

        if (passes)
        {
            act.Should().NotThrow();
        }
        else
        {
            act.Should().Throw<Exception>().WithMessage($"*{tensor}*");
        }
    }

    [Fact]
    public void A_tensor_of_an_unknown_form_fails()
    {
        var code = new ResNetGolden().For("blocks.safetensors")!;
        Altered("blocks.safetensors", "basic/eval", 0);
        var path = folder.File("case.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("basic/losses", "basic/momenta", StringComparison.Ordinal));
        Rewrite("blocks.safetensors", (name, value) => (name.Replace("basic/losses", "basic/momenta", StringComparison.Ordinal), value));

        var act = () => GoldenTests.Run(GoldenCase.Read(folder.Root).File("blocks.safetensors"), code);

        act.Should().Throw<Exception>();
    }

    [Theory]
    [InlineData("dtypes.pt", "\"accept\"", "\"maybe\"")]
    [InlineData("views.pt", "", "")]
    [InlineData("hostile/control_ok.pt", "\"accept\"", "\"refuse\"")]
    [InlineData("hostile/os_system.pt", "\"refuse\"", "\"accept\"")]
    public void Checkpoint_of_another_verdict_or_with_one_bit_altered_fails(string file, string verdict, string other)
    {
        var source = Path.Combine(GoldenSet.Fixtures, "pytorch-checkpoint");
        foreach (var path in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = folder.File(Path.GetRelativePath(source, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        if (verdict.Length > 0)
        {
            var description = folder.File("case.json");
            File.WriteAllText(
                description,
                File.ReadAllText(description).Replace($"\"verdict\": {verdict}", $"\"verdict\": {other}", StringComparison.Ordinal)
            );
        }
        else
        {
            var expected = folder.File(Path.ChangeExtension(file, "expected.safetensors"));
            var bytes = File.ReadAllBytes(expected);
            bytes[^1] ^= 1;
            File.WriteAllBytes(expected, bytes);
        }

        var act = () => GoldenTests.Run(GoldenCase.Read(folder.Root).File(file), new PyTorchCheckpointGolden().For(file)!).MustPass();

        act.Should().Throw<Exception>();
    }

    [Fact]
    public void Not_a_number_is_outside_every_tolerance()
    {
        var report = new GoldenReport(new GoldenTolerance(1, 1));

        report.Compare("x", tensor(new[] { 1f, float.NaN }), tensor(new[] { 1f, 2f }));

        report.Invoking(report => report.MustPass()).Should().Throw<Exception>().WithMessage("*x: error NaN*");
    }

    [Fact]
    public void Whole_numbers_must_be_equal()
    {
        var report = new GoldenReport(new GoldenTolerance(5, 5));

        report.Compare("count", tensor(3L), tensor(4L));

        report.Invoking(report => report.MustPass()).Should().Throw<Exception>().WithMessage("*count: error 1, allowed 0*");
    }

    /// <summary>A copy of the case with the first value of one tensor moved by so many tolerances.</summary>
    private GoldenFile Altered(string file, string tensor, double tolerances)
    {
        var source = Path.Combine(GoldenSet.Fixtures, "resnet50");
        File.Copy(Path.Combine(source, "case.json"), folder.File("case.json"), overwrite: true);
        File.Copy(Path.Combine(source, file), folder.File(file), overwrite: true);
        var golden = GoldenCase.Read(folder.Root).File(file);
        Rewrite(
            file,
            (name, value) =>
            {
                if (name == tensor)
                {
                    var first = value.flatten()[0];
                    first.add_(tolerances * golden.Tolerance.At(first.ToSingle()));
                }

                return (name, value);
            }
        );
        return golden;
    }

    private void Rewrite(string file, Func<string, Tensor, (string, Tensor)> change)
    {
        using var stored = SafetensorsFile.Read(folder.File(file));
        SafetensorsFile.Write(folder.File("changed"), [.. stored.Entries.Keys.Select(name => change(name, stored.Tensor(name)))]);
        File.Move(folder.File("changed"), folder.File(file), overwrite: true);
    }
}
