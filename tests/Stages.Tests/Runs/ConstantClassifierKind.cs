using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Models.ResNet;
using Pipeline.Models.Training;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs;

/// <summary>Makes the artifact <c>base-classifier</c> of constant weights: every image is of class 0 with probability 1 / (1 + 1/e).</summary>
internal sealed class ConstantClassifierKind : IRunnableKind
{
    public string Name => "constant";

    public Type Options => typeof(NoOptions);

    public int Version => 1;

    public string Makes => "base-classifier";

    public IReadOnlyList<string> Needs => [];

    public IReadOnlyList<string> Reads => [];

    public IReadOnlyList<string> Adds => [];

    public StageForm Form => StageForm.Artifact;

    public IEnumerable<string> Bindings(StageDefinition stage) => WholeStageRunner.Bindings(stage);

    public IStageRunner Create(StageSite site) =>
        new WholeStageRunner(
            site,
            async stop =>
            {
                Write(Path.Combine(site.Run.Output, "constant"), site.Run.ClassNames);
                await site.PublishEventAsync(
                    new ArtifactReady
                    {
                        Run = site.Run.Run,
                        Name = "base-classifier",
                        Stage = site.Definition.Name,
                        Uri = "constant",
                        Content = "constant",
                    },
                    "base-classifier",
                    stop
                );
                return new WholeResult(1, []);
            }
        );

    private static void Write(string folder, IReadOnlyList<string> classNames)
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
        new ClassifierConfig("resnet18", classNames, 32, false, "original-0").Write(folder);
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
