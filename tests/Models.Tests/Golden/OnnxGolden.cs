using System.Text.Json;
using Pipeline.Models.Onnx;
using Pipeline.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>Exported graphs: what case.json says of each, and the stored outputs for the stored inputs.</summary>
public sealed class OnnxGolden : IGoldenCode
{
    private const string Expected = "_expected.safetensors";

    public string Case => "onnx";

    /// <summary>The parts sd and blip of the case wait for their models.</summary>
    public Action<GoldenFile, GoldenReport>? For(string file) =>
        file switch
        {
            _ when file.StartsWith("sd", StringComparison.Ordinal) || file.StartsWith("blip", StringComparison.Ordinal) => null,
            _ when file.EndsWith(".onnx", StringComparison.Ordinal) => Declaration,
            _ when file.EndsWith(Expected, StringComparison.Ordinal) => Values,
            _ => Unknown,
        };

    private static void Unknown(GoldenFile file, GoldenReport report) =>
        throw new InvalidDataException($"{file.Name} is of an unknown form; write code for it.");

    /// <summary>Inputs, outputs and operator set are as the case says.</summary>
    private static void Declaration(GoldenFile file, GoldenReport report)
    {
        using var model = OnnxModel.Open(Path.Combine(file.Folder, file.Name), new OnnxOptions { Threads = 1 });
        file.Description.EnumerateObject()
            .Select(field => field.Name)
            .Should()
            .BeSubsetOf(["inputs", "outputs", "opset", "doc", "tolerance"], "a field of an unknown form needs code");
        var inputs = file.Description.GetProperty("inputs").EnumerateObject().Select(input => $"{input.Name} {Sizes(input.Value)}");
        var outputs = file.Description.GetProperty("outputs").EnumerateArray().Select(output => output.GetString());

        model.Inputs.Select(port => $"{port.Name} {Sizes(port)}").Should().Equal(inputs);
        model.Outputs.Select(port => port.Name).Should().Equal(outputs);
        report.Exact("opset", tensor(model.OperatorSet), tensor(file.Description.GetProperty("opset").GetInt64()));
    }

    private static string Sizes(JsonElement shape) => string.Join(", ", shape.EnumerateArray());

    private static string Sizes(OnnxPort port) =>
        string.Join(", ", port.Shape.Zip(port.Symbols, (size, word) => size < 0 ? word : $"{size}"));

    /// <summary>Tensors <c>clip_text@2/input_ids</c>: the second run of clip_text, which is the graph that has exactly these inputs and outputs.</summary>
    private static void Values(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        var part = Path.GetFileName(file.Name)[..^Expected.Length];
        var models = file.Others.Where(other => other.EndsWith(".onnx", StringComparison.Ordinal) && PartOf(other) == part).ToList();
        foreach (var run in stored.Entries.Keys.GroupBy(name => name.Split('/')[0], StringComparer.Ordinal))
        {
            var names = run.Select(name => name.Split('/')[1]).ToList();
            var found = models.Where(other => Ports(file, other).ToHashSet(StringComparer.Ordinal).SetEquals(names)).ToList();
            var path = found.Should().ContainSingle("{0} must be a run of one listed graph", run.Key).Subject;
            using var model = OnnxModel.Open(Path.Combine(file.Folder, path), new OnnxOptions { Threads = 1 });
            var results = model.Run(
                [.. model.Inputs.Select(port => Input(port.Name, stored, $"{run.Key}/{port.Name}"))],
                [.. model.Outputs.Select(port => port.Name)]
            );
            foreach (var result in results)
            {
                report.Compare(
                    $"{run.Key}/{result.Name}",
                    tensor(result.Values, [.. result.Shape]),
                    stored.Tensor($"{run.Key}/{result.Name}")
                );
            }
        }
    }

    /// <summary>The graphs of clip lie in model/; the other parts' in folders of the part's name.</summary>
    private static string PartOf(string path) => path.Split('/')[0] is "model" ? "clip" : path.Split('/')[0];

    private static IEnumerable<string> Ports(GoldenFile file, string path)
    {
        var description = file.Other(path).Description;
        return description
            .GetProperty("inputs")
            .EnumerateObject()
            .Select(input => input.Name)
            .Concat(description.GetProperty("outputs").EnumerateArray().Select(output => output.GetString()!));
    }

    private static OnnxInput Input(string name, SafetensorsFile stored, string key)
    {
        var value = stored.Tensor(key).contiguous();
        return is_floating_point(value.dtype)
            ? OnnxInput.Of(name, value.to(ScalarType.Float32).data<float>().ToArray(), value.shape)
            : OnnxInput.Of(name, value.to(ScalarType.Int64).data<long>().ToArray(), value.shape);
    }
}
