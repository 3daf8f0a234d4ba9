using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pipeline.Models.ResNet;

/// <summary>
/// ResNet-18 or ResNet-50 exactly as torchvision 0.14 <c>models/resnet.py</c> (BSD-3-Clause) builds it, with its parameter names.
/// </summary>
/// <remarks>
/// <para>He et al. 2015, "Deep residual learning for image recognition". Input <c>[batch, 3, height, width] float32</c>, RGB, normalised as the
/// weights want it (<see cref="ImageNetTransform"/>); height and width at least 32 pixels.</para>
/// <para>One thread at a time trains it. In evaluation mode several threads may call it.</para>
/// </remarks>
public sealed class ResNetModel : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly Sequential layer4;
    private readonly Linear fc;

    private ResNetModel(string architecture, int[] depths, bool bottleneck, int classes)
        : base(architecture)
    {
        Architecture = architecture;
        Classes = classes;
        FeatureCount = bottleneck ? 512 * Bottleneck.Expansion : 512;
        conv1 = Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false);
        bn1 = BatchNorm2d(64);
        layer1 = Layer(bottleneck, 64, 64, depths[0], 1);
        layer2 = Layer(bottleneck, bottleneck ? 256 : 64, 128, depths[1], 2);
        layer3 = Layer(bottleneck, bottleneck ? 512 : 128, 256, depths[2], 2);
        layer4 = Layer(bottleneck, bottleneck ? 1024 : 256, 512, depths[3], 2);
        fc = Linear(FeatureCount, classes);
        RegisterComponents();
    }

    /// <summary><c>resnet18</c> or <c>resnet50</c>.</summary>
    public string Architecture { get; }

    /// <summary>Outputs of the head.</summary>
    public int Classes { get; }

    /// <summary>Length of a feature vector: 512 (ResNet-18) or 2048 (ResNet-50).</summary>
    public int FeatureCount { get; }

    /// <summary>Makes a network on the CPU, in training mode, with fresh weights that depend on the arguments alone.</summary>
    /// <param name="architecture"><c>resnet18</c> or <c>resnet50</c>.</param>
    /// <param name="classes">Outputs of the head, at least 1.</param>
    /// <param name="seed">Seeds every weight; each parameter draws from its own generator, keyed by its name.</param>
    /// <exception cref="ArgumentException">The architecture is unknown or there are no classes.</exception>
    public static ResNetModel Create(string architecture, int classes, ulong seed)
    {
        if (classes < 1)
        {
            throw new ArgumentException($"The class count is {classes}; it must be at least 1. Name the classes.", nameof(classes));
        }

        using var scope = NewDisposeScope();
        var model = architecture switch
        {
            "resnet18" => new ResNetModel(architecture, [2, 2, 2, 2], bottleneck: false, classes),
            "resnet50" => new ResNetModel(architecture, [3, 4, 6, 3], bottleneck: true, classes),
            _ => throw new ArgumentException(
                $"The architecture is '{architecture}'; it must be resnet18 or resnet50. Correct the name.",
                nameof(architecture)
            ),
        };
        ResNetInitializer.Fill(model, seed);
        return model;
    }

    /// <summary>Logits <c>[batch, classes] float32</c>; the caller disposes.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(fc.call(Features(input)));
    }

    /// <summary>What the head sees: <c>[batch, FeatureCount] float32</c>, after average pooling; the caller disposes.</summary>
    public Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        var output = Stages(input).Last().Output;
        return scope.MoveToOuter(output.mean([2L, 3L]));
    }

    /// <summary>The maps after <c>maxpool</c> and each of <c>layer1</c> to <c>layer4</c>, computed as they are asked for; the caller disposes.</summary>
    internal IEnumerable<(string Name, Tensor Output)> Stages(Tensor input)
    {
        var output = Stem(input);
        yield return ("maxpool", output);
        foreach (var (name, layer) in new[] { ("layer1", layer1), ("layer2", layer2), ("layer3", layer3), ("layer4", layer4) })
        {
            output = layer.call(output);
            yield return (name, output);
        }
    }

    /// <summary>Every parameter and buffer by torchvision's name; the tensors stay the network's.</summary>
    public IReadOnlyDictionary<string, Tensor> State() => state_dict();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var part in new nn.Module[] { conv1, bn1, layer1, layer2, layer3, layer4, fc })
            {
                part.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private Tensor Stem(Tensor input)
    {
        using var scope = NewDisposeScope();
        var output = bn1.call(conv1.call(input)).relu_();
        return scope.MoveToOuter(functional.max_pool2d(output, 3, stride: 2, padding: 1));
    }

    private static Sequential Layer(bool bottleneck, long inputs, long width, int depth, long stride)
    {
        var blocks = new List<(string, Module<Tensor, Tensor>)>();
        for (var index = 0; index < depth; index++)
        {
            var from = index == 0 ? inputs : width * (bottleneck ? Bottleneck.Expansion : 1);
            var step = index == 0 ? stride : 1;
            blocks.Add(($"{index}", bottleneck ? new Bottleneck(from, width, step) : new BasicBlock(from, width, step)));
        }

        return Sequential(blocks);
    }
}
