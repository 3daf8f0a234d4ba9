using System.Text.Json;
using Pipeline.Models.Images;
using Pipeline.Models.ResNet;
using Pipeline.Models.Training;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs;

/// <summary>A classifier of constant weights: every image is of class 0 with probability 1 / (1 + 1/e), on every processor.</summary>
internal static class ConstantClassifier
{
    /// <summary>The kind <c>constant</c>, which makes it the artifact <c>base-classifier</c>.</summary>
    public static IStageKind Kind() =>
        new MakesArtifactKind("constant", "base-classifier", site => Write(Path.Combine(site.Run.Output, "constant"), site.Run.ClassNames));

    /// <summary>Writes the artifact's files.</summary>
    public static void Write(string folder, IReadOnlyList<string> classNames, ResizeQuality resize = ResizeQuality.Scaled)
    {
        Directory.CreateDirectory(folder);
        using var model = ResNetModel.Create("resnet18", classNames.Count, 0);
        using (TorchSharp.torch.no_grad())
        {
            foreach (var (name, tensor) in model.State())
            {
                tensor.zero_();
                if (name == "fc.bias")
                {
                    tensor[0].fill_(1);
                }
            }
        }

        ResNetWeights.Save(model, Path.Combine(folder, ImageClassifier.WeightsFileName));
        new ClassifierConfig("resnet18", classNames, 32, false, "original-0") { Resize = resize }.Write(folder);
        File.WriteAllText(
            Path.Combine(folder, "thresholds.json"),
            JsonSerializer.Serialize(
                new
                {
                    classNames,
                    counts = classNames.Select(_ => 2),
                    thresholds = classNames.Select(_ => 0.75),
                }
            )
        );
    }
}
