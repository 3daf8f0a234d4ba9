using System.Globalization;
using NetVips;
using Pipeline.Models.Images;
using Pipeline.Models.ResNet;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>torchvision's ResNet: evaluation transform, whole networks with formula weights, single blocks trained for a few steps.</summary>
public sealed class ResNetGolden : IGoldenCode
{
    public string Case => "resnet50";

    public Action<GoldenFile, GoldenReport>? For(string file) =>
        file switch
        {
            "transform.safetensors" => Transform,
            "logits.safetensors" => Logits,
            "blocks.safetensors" => ResNetBlocksGolden.Run,
            _ => null,
        };

    private static void Transform(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        foreach (var (name, entry) in stored.Entries)
        {
            var pixels = ImageNetTransform.Apply(Image(file, name));
            var rows = entry.Shape[1] == ImageNetTransform.CropEdge ? pixels : pixels.narrow(1, 96, 32);
            report.Compare(name, rows, stored.Tensor(name));
        }
    }

    private static void Logits(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        foreach (var architecture in stored.Entries.Keys.GroupBy(name => name.Split('/')[0]))
        {
            using var model = ResNetModel.Create(architecture.Key, 1000, seed: 0);
            var salt = file.Parameters.GetProperty("salt").GetUInt32();
            FormulaWeights.Fill(model, salt);
            model.eval();
            var parameters = file.Parameters.GetProperty(architecture.Key);
            model.parameters().Sum(parameter => parameter.numel()).Should().Be(parameters.GetProperty("n_params").GetInt64());
            var inputs = new LogitInputs(file, parameters, salt);
            foreach (var name in architecture)
            {
                Logit(model, inputs, name, stored.Tensor(name), report);
            }
        }
    }

    private static void Logit(ResNetModel model, LogitInputs inputs, string name, Tensor want, GoldenReport report)
    {
        using var quiet = no_grad();
        var what = name.Split('/')[1];
        var kind = what.Split('_', '.')[0];
        if (kind == "check")
        {
            var tensor = what["check.".Length..what.IndexOf('[', StringComparison.Ordinal)];
            report.Exact(name, model.State()[tensor].flatten().narrow(0, 0, want.numel()), want);
            return;
        }

        var parts = what[(kind.Length + 1)..].Split('.');
        var input = inputs.Of(parts[0]);
        var got = kind switch
        {
            "logits" => model.call(input),
            "features" => model.Features(input),
            "stats" => Statistics(model.Stages(input).First(stage => stage.Name == parts[1]).Output),
            _ => throw new InvalidDataException($"{name} is of an unknown form; write code for it."),
        };
        report.Compare(name, got, want);
    }

    private static Tensor Statistics(Tensor map) => cat([stack([map.mean(), map.std(), map.abs().max()]), map.flatten().narrow(0, 0, 5)]);

    internal static RgbImage Image(GoldenFile file, string name)
    {
        using var image = NetVips.Image.NewFromFile(file.Find($"images/{name}_*.png"));
        image.Bands.Should().Be(3);
        return new RgbImage(image.Width, image.Height, image.WriteToMemory<byte>());
    }

    /// <summary>The inputs that names such as <c>im0</c> and <c>formula_0</c> stand for.</summary>
    private sealed class LogitInputs(GoldenFile file, System.Text.Json.JsonElement parameters, uint salt)
    {
        private readonly Dictionary<string, Tensor> known = [];

        public Tensor Of(string name)
        {
            if (!known.TryGetValue(name, out var input))
            {
                input = name.StartsWith("formula_", StringComparison.Ordinal) ? Formula(name) : Picture(name);
                known.Add(name, input);
            }

            return input;
        }

        private Tensor Formula(string name)
        {
            var index = int.Parse(name["formula_".Length..], CultureInfo.InvariantCulture);
            var shape = parameters.GetProperty("formula_input_shapes")[index].EnumerateArray().Select(size => size.GetInt64());
            return FormulaWeights.Input([.. shape], salt);
        }

        /// <summary>The stored pixels where the whole picture is stored, so that the model is tested alone.</summary>
        private Tensor Picture(string name)
        {
            var path = Path.Combine(file.Folder, "transform.safetensors");
            if (File.Exists(path))
            {
                using var stored = SafetensorsFile.Read(path);
                if (stored.Entries.TryGetValue(name, out var entry) && entry.Shape[1] == ImageNetTransform.CropEdge)
                {
                    return stored.Tensor(name).unsqueeze(0);
                }
            }

            return ImageNetTransform.Apply(Image(file, name)).unsqueeze(0);
        }
    }
}
