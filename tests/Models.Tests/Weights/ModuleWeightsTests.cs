using Pipeline.Models.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Weights;

public sealed class ModuleWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Network_on_meta_gets_its_tensors_and_computes_as_the_one_that_was_stored()
    {
        using var stored = new Small(CPU);
        using var empty = new Small(META);
        Write(stored, prefix: "");
        using var weights = WeightFiles.Open(folder.Root);

        ModuleWeights.Load(empty, weights);

        empty.state_dict().Values.Should().AllSatisfy(value => value.is_meta.Should().BeFalse());
        empty.eval();
        stored.eval();
        using var input = rand(2, 3, 4, 4);
        empty.call(input).Equals(stored.call(input)).Should().BeTrue();
    }

    [Fact]
    public void Tensors_live_on_after_the_scope_and_the_file()
    {
        using var stored = new Small(CPU);
        using var empty = new Small(META);
        Write(stored, prefix: "");
        using (var weights = WeightFiles.Open(folder.Root))
        using (NewDisposeScope())
        {
            ModuleWeights.Load(empty, weights);
        }

        empty.eval();
        using var output = empty.call(ones(1, 3, 4, 4));

        output.shape.Should().Equal(1, 5);
    }

    [Fact]
    public void Compute_type_bfloat16_leaves_statistics_and_whole_numbers_alone()
    {
        using var stored = new Small(CPU);
        Write(stored, prefix: "");
        using var weights = WeightFiles.Open(folder.Root);
        foreach (var device in new[] { META, CPU })
        {
            using var network = new Small(device);

            ModuleWeights.Load(network, weights, new WeightLoading { Compute = ComputeType.BFloat16 });

            var types = network.state_dict().ToDictionary(item => item.Key, item => item.Value.dtype);
            types["convolution.weight"].Should().Be(ScalarType.BFloat16);
            types["head.bias"].Should().Be(ScalarType.BFloat16);
            types["norm.weight"].Should().Be(ScalarType.Float32);
            types["norm.running_var"].Should().Be(ScalarType.Float32);
            types["norm.num_batches_tracked"].Should().Be(ScalarType.Int64);
            network.eval();
            using var output = network.call(ones(1, 3, 4, 4, dtype: ScalarType.BFloat16));
            output.dtype.Should().Be(ScalarType.BFloat16);
        }
    }

    [Fact]
    public void Prefix_old_names_and_ignored_names_are_obeyed()
    {
        using var stored = new Small(CPU);
        using var network = new Small(CPU);
        var names = stored
            .state_dict()
            .Select(item => ($"vision.{item.Key.Replace("norm.weight", "norm.gamma", StringComparison.Ordinal)}", item.Value));
        SafetensorsFile.Write(folder.File("model.safetensors"), [.. names, ("vision.position_ids", ones(3)), ("text.weight", ones(1))]);
        using var weights = WeightFiles.Open(folder.Root);

        ModuleWeights.Load(
            network,
            weights,
            new WeightLoading
            {
                Prefix = "vision.",
                Ignored = ["*position_ids"],
                Renamed = [("gamma", "weight")],
            }
        );

        network.state_dict().Should().AllSatisfy(item => item.Value.Equals(stored.state_dict()[item.Key]).Should().BeTrue());
    }

    [Fact]
    public void Every_fault_is_listed_and_nothing_is_changed()
    {
        using var stored = new Small(CPU);
        using var network = new Small(CPU);
        var before = network.convolution.weight.clone();
        var names = stored
            .state_dict()
            .Where(item => item.Key is not ("norm.bias" or "head.weight" or "head.bias"))
            .Select(item => (item.Key, item.Value));
        SafetensorsFile.Write(
            folder.File("model.safetensors"),
            [
                .. names,
                ("head.weight", ones(2, 2)),
                ("head.bias", ones(5, dtype: ScalarType.Int64)),
                ("stranger", ones(1)),
                ("norm.gamma", ones(4)),
            ]
        );
        using var weights = WeightFiles.Open(folder.Root);

        var load = () => ModuleWeights.Load(network, weights, new WeightLoading { Renamed = [("gamma", "weight")] });

        load.Should()
            .Throw<InvalidDataException>()
            .WithMessage(
                "*model.safetensors: norm.bias is missing; head.weight is [2, 2], wanted [5, 4]; head.bias has the type I64, wanted F32; "
                    + "norm.weight is the same as norm.gamma; stranger is unknown.*"
            );
        network.convolution.weight.Equals(before).Should().BeTrue();
    }

    [Fact]
    public void Tensor_on_meta_without_a_property_is_a_fault_of_the_program()
    {
        using var network = new Bare();
        using (var scope = NewDisposeScope())
        {
            SafetensorsFile.Write(folder.File("model.safetensors"), [("inner", ones(2))]);
        }

        using var weights = WeightFiles.Open(folder.Root);

        var load = () => ModuleWeights.Load(network, weights);

        load.Should().Throw<InvalidOperationException>().WithMessage("Bare.inner is no property that takes a tensor*");
    }

    private void Write(nn.Module network, string prefix) =>
        SafetensorsFile.Write(folder.File("model.safetensors"), network.state_dict().Select(item => (prefix + item.Key, item.Value)));

    private sealed class Small : nn.Module<Tensor, Tensor>
    {
        internal readonly Conv2d convolution;
        private readonly BatchNorm2d norm;
        private readonly Linear head;

        public Small(Device device)
            : base(nameof(Small))
        {
            convolution = nn.Conv2d(3, 4, 3, device: device);
            norm = nn.BatchNorm2d(4, device: device);
            head = nn.Linear(4, 5, device: device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return head.call(norm.call(convolution.call(input)).mean([2, 3])).MoveToOuterDisposeScope();
        }
    }

    private sealed class Bare : nn.Module
    {
        private readonly Parameter inner = new(zeros(2, device: META));

        public Bare()
            : base(nameof(Bare)) => RegisterComponents();

        public override string ToString() => $"{inner.shape[0]}";
    }
}
