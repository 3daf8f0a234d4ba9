using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Safety;

/// <summary>MobileNetV2 (Sandler et al. 2018) with Keras's names and a head of three dense layers, as nsfwjs ships it.</summary>
/// <remarks>Batch normalisation is folded into the convolutions in double precision. Float32 on the CPU. Several threads may call it.</remarks>
internal sealed class MobileNetV2 : IDisposable
{
    /// <summary>Pixels of the input's sides.</summary>
    public const int ImageSize = 224;

    private const double Epsilon = 1e-3;
    private const int Expansion = 6;
    private const string First = "Conv1";
    private const string Last = "Conv_1";

    /// <summary>Table 2 of the paper, a line a block: channels that it gives and its stride.</summary>
    private static readonly (int Channels, int Stride)[] Table =
    [
        (16, 1),
        (24, 2),
        (24, 1),
        (32, 2),
        (32, 1),
        (32, 1),
        (64, 2),
        (64, 1),
        (64, 1),
        (64, 1),
        (96, 1),
        (96, 1),
        (96, 1),
        (160, 2),
        (160, 1),
        (160, 1),
        (320, 1),
    ];

    private readonly Convolution first;
    private readonly Block[] blocks;
    private readonly Convolution last;
    private readonly (Tensor Weight, Tensor Bias)[] dense;

    private MobileNetV2(QuantisedWeights weights)
    {
        first = Convolution.Of(weights, FirstSpan, "bn_Conv1");
        blocks = [.. Spans().Select(spans => Block.Of(weights, spans))];
        last = Convolution.Of(weights, LastSpan, $"{Last}_bn");
        dense =
        [
            .. Heads.Select(head =>
                (
                    weights[$"{head.Name}/kernel"].t().to(ScalarType.Float32).contiguous().DetachFromDisposeScope(),
                    weights[$"{head.Name}/bias"].to(ScalarType.Float32).DetachFromDisposeScope()
                )
            ),
        ];
    }

    private static Span FirstSpan => new(First, 3, 32, 3, 2, IsDepthwise: false);

    private static Span LastSpan => new(Last, Table[^1].Channels, 1280, 1, 1, IsDepthwise: false);

    private static (string Name, int Inputs, int Outputs)[] Heads => [("dense_1", 1280, 256), ("dense_2", 256, 128), ("dense_3", 128, 5)];

    /// <summary>Reads a network out of a file.</summary>
    /// <exception cref="InvalidDataException">The file holds other tensors; the message names them.</exception>
    public static MobileNetV2 Read(IWeights file)
    {
        var convolutions = Spans().SelectMany(spans => spans).Select(span => (span, $"{span.Name}_BN"));
        var wanted = convolutions
            .Prepend((FirstSpan, "bn_Conv1"))
            .Append((LastSpan, $"{Last}_bn"))
            .SelectMany(item => Convolution.Wanted(item.Item1, item.Item2))
            .Concat(
                Heads.SelectMany(head =>
                    new (string, long[])[] { ($"{head.Name}/kernel", [head.Inputs, head.Outputs]), ($"{head.Name}/bias", [head.Outputs]) }
                )
            );
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return new MobileNetV2(QuantisedWeights.Of(file, wanted));
    }

    /// <summary>The probabilities of the five classes, <c>[batch, 5] float32</c>; the caller disposes.</summary>
    /// <param name="images"><c>[batch, 3, 224, 224] float32</c>, RGB, 0 to 1; stays the caller's.</param>
    public Tensor Forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var states = first.Forward(images).clamp_(0, 6);
        foreach (var block in blocks)
        {
            states = block.Forward(states);
        }

        states = last.Forward(states).clamp_(0, 6).mean([2, 3]);
        for (var layer = 0; layer < dense.Length; layer++)
        {
            states = nn.functional.linear(states, dense[layer].Weight, dense[layer].Bias);
            states = layer < dense.Length - 1 ? states.relu_() : states.softmax(1);
        }

        return scope.MoveToOuter(states);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        first.Dispose();
        last.Dispose();
        foreach (var block in blocks)
        {
            block.Dispose();
        }

        foreach (var (weight, bias) in dense)
        {
            weight.Dispose();
            bias.Dispose();
        }
    }

    /// <summary>The convolutions of each block: expand (not in the first), depthwise, project.</summary>
    private static IEnumerable<Span[]> Spans()
    {
        var inputs = FirstSpan.Outputs;
        for (var index = 0; index < Table.Length; index++)
        {
            var (outputs, stride) = Table[index];
            var name = index == 0 ? "expanded_conv" : $"block_{index}";
            var inside = index == 0 ? inputs : inputs * Expansion;
            var depthwise = new Span($"{name}_depthwise", inside, inside, 3, stride, IsDepthwise: true);
            var project = new Span($"{name}_project", inside, outputs, 1, 1, IsDepthwise: false);
            yield return index == 0
                ? [depthwise, project]
                : [new Span($"{name}_expand", inputs, inside, 1, 1, IsDepthwise: false), depthwise, project];
            inputs = outputs;
        }
    }

    /// <summary>The sizes of one convolution.</summary>
    private sealed record Span(string Name, int Inputs, int Outputs, int Edge, int Stride, bool IsDepthwise);

    /// <summary>An inverted residual block.</summary>
    private sealed record Block(Convolution[] Convolutions, bool IsResidual) : IDisposable
    {
        public static Block Of(QuantisedWeights weights, Span[] spans) =>
            new(
                [.. spans.Select(span => Convolution.Of(weights, span, $"{span.Name}_BN"))],
                spans[0].Inputs == spans[^1].Outputs && spans.All(span => span.Stride == 1)
            );

        public Tensor Forward(Tensor states)
        {
            var inside = states;
            for (var index = 0; index < Convolutions.Length; index++)
            {
                inside = Convolutions[index].Forward(inside);
                // The projection is linear.
                inside = index < Convolutions.Length - 1 ? inside.clamp_(0, 6) : inside;
            }

            return IsResidual ? inside.add_(states) : inside;
        }

        public void Dispose()
        {
            foreach (var convolution in Convolutions)
            {
                convolution.Dispose();
            }
        }
    }

    /// <summary>A convolution with its normalisation folded in.</summary>
    private sealed class Convolution(Tensor kernel, Tensor bias, Span span) : IDisposable
    {
        public static IEnumerable<(string Name, long[] Shape)> Wanted(Span span, string norm)
        {
            yield return span.IsDepthwise
                ? ($"{span.Name}/depthwise_kernel", [span.Edge, span.Edge, span.Inputs, 1])
                : ($"{span.Name}/kernel", [span.Edge, span.Edge, span.Inputs, span.Outputs]);
            foreach (var part in new[] { "gamma", "beta", "moving_mean", "moving_variance" })
            {
                yield return ($"{norm}/{part}", [span.Outputs]);
            }
        }

        public static Convolution Of(QuantisedWeights weights, Span span, string norm)
        {
            var factor = weights[$"{norm}/gamma"] / (weights[$"{norm}/moving_variance"] + Epsilon).sqrt();
            // Keras has [rows, columns, inputs, outputs], or [rows, columns, channels, 1]; torch has outputs or channels in front.
            var kernel = span.IsDepthwise
                ? weights[$"{span.Name}/depthwise_kernel"].permute(2, 3, 0, 1)
                : weights[$"{span.Name}/kernel"].permute(3, 2, 0, 1);
            var folded = (kernel * factor.reshape(-1, 1, 1, 1)).to(ScalarType.Float32).contiguous();
            var bias = (weights[$"{norm}/beta"] - weights[$"{norm}/moving_mean"] * factor).to(ScalarType.Float32);
            return new Convolution(folded.DetachFromDisposeScope(), bias.DetachFromDisposeScope(), span);
        }

        public Tensor Forward(Tensor states)
        {
            // With stride 2 the zeros stand after the last row and column alone.
            var padded = span.Stride == 2 ? nn.functional.pad(states, [0, 1, 0, 1], TorchSharp.PaddingModes.Constant, 0) : states;
            var padding = span.Stride == 2 ? 0 : span.Edge / 2;
            return nn.functional.conv2d(
                padded,
                kernel,
                bias,
                strides: [span.Stride, span.Stride],
                padding: [padding, padding],
                groups: span.IsDepthwise ? span.Inputs : 1
            );
        }

        public void Dispose()
        {
            kernel.Dispose();
            bias.Dispose();
        }
    }
}
