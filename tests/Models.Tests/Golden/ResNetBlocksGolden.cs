using Pipeline.Models.ResNet;
using Pipeline.Models.Training;
using Pipeline.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>Single residual blocks: evaluation, forward in training mode, and a few steps of SGD with momentum and weight decay.</summary>
internal static class ResNetBlocksGolden
{
    private const double LearningRate = 0.05;
    private const double Momentum = 0.9;
    private const double WeightDecay = 1e-4;

    public static void Run(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        foreach (var names in stored.Entries.Keys.GroupBy(name => name.Split('/')[0]))
        {
            using var block = Make(stored, names.Key);
            var got = Values(block, stored, names.Key);
            var inputs = names.Where(name =>
                name.EndsWith("/x", StringComparison.Ordinal) || name.EndsWith("/target", StringComparison.Ordinal)
            );
            var wanted = names.Except(inputs).Where(name => !name.StartsWith($"{names.Key}/state.", StringComparison.Ordinal)).ToArray();
            wanted.Should().BeSubsetOf(got.Keys, "a value of an unknown form needs code");
            foreach (var name in wanted)
            {
                report.Compare(name, got[name], stored.Tensor(name));
            }
        }
    }

    private static nn.Module<Tensor, Tensor> Make(SafetensorsFile stored, string name)
    {
        var inputs = stored.Entries[$"{name}/state.conv1.weight"].Shape[1];
        var width = stored.Entries[$"{name}/state.conv1.weight"].Shape[0];
        var (from, to) = (stored.Entries[$"{name}/x"].Shape[2], stored.Entries[$"{name}/eval"].Shape[2]);
        var stride = Enumerable.Range(1, 4).First(stride => (from - 1) / stride + 1 == to);
        nn.Module<Tensor, Tensor> block = stored.Entries.ContainsKey($"{name}/state.conv3.weight")
            ? new Bottleneck(inputs, width, stride)
            : new BasicBlock(inputs, width, stride);
        using var quiet = no_grad();
        var prefix = $"{name}/state.";
        var state = block.state_dict();
        state
            .Keys.Should()
            .BeEquivalentTo(
                stored.Entries.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Select(key => key[prefix.Length..])
            );
        foreach (var (key, target) in state)
        {
            target.copy_(stored.Tensor(prefix + key));
        }

        return block;
    }

    private static Dictionary<string, Tensor> Values(nn.Module<Tensor, Tensor> block, SafetensorsFile stored, string name)
    {
        var (x, target) = (stored.Tensor($"{name}/x"), stored.Tensor($"{name}/target"));
        var got = new Dictionary<string, Tensor>();
        block.eval();
        got[$"{name}/eval"] = block.call(x).detach();
        block.train();
        using var optimizer = new MomentumSgd(
            block.named_parameters().Select(item => (item.name, (Tensor)item.parameter)),
            Momentum,
            WeightDecay
        );
        var losses = new List<Tensor>();
        for (var step = 0; step < stored.Entries[$"{name}/losses"].Shape[0]; step++)
        {
            optimizer.ClearGradients();
            var output = block.call(x);
            var loss = (output - target).square().mean();
            loss.backward();
            losses.Add(loss.detach());
            if (step == 0)
            {
                got[$"{name}/train_forward"] = output.detach();
                foreach (var (key, parameter) in block.named_parameters())
                {
                    got[$"{name}/grad.{key}"] = parameter.grad!.clone();
                }
            }

            optimizer.Step(LearningRate);
        }

        got[$"{name}/losses"] = stack(losses);
        foreach (var (key, value) in block.state_dict())
        {
            got[$"{name}/after3.{key}"] = value;
        }

        return got;
    }
}
