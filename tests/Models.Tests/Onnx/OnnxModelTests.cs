using Pipeline.Models.Calls;
using Pipeline.Models.Onnx;
using Pipeline.Models.Tests.Golden;

namespace Pipeline.Models.Tests.Onnx;

public sealed class OnnxModelTests
{
    private static readonly OnnxOptions Options = new() { Threads = 1 };

    [Fact]
    public void Graph_tells_its_inputs_and_outputs()
    {
        using var model = OnnxModel.Open(Graph("vision_model"), Options);

        model.Inputs.Select(port => port.ToString()).Should().Equal("pixel_values float32 [batch_size, 3, 32, 32]");
        model.Output("image_embeds").Element.Should().Be(OnnxElement.Float32);
        model.Device.Should().Be("cpu");
    }

    [Fact]
    public void Bound_outputs_are_those_that_are_allocated()
    {
        using var model = OnnxModel.Open(Graph("vision_model"), Options);
        var input = OnnxInput.Of("pixel_values", Ramp(2 * 3 * 32 * 32), 2, 3, 32, 32);
        var allocated = model.Run([input], ["image_embeds"]).Single();

        var target = new float[allocated.Values.Length];
        model.Run([input], [new OnnxOutput("image_embeds", target, [.. allocated.Shape])]);

        target.Should().Equal(allocated.Values);
        target.Should().Contain(value => value != 0);
    }

    [Fact]
    public void Openers_of_one_content_share_a_session_until_the_last_has_gone()
    {
        var input = OnnxInput.Of("pixel_values", Ramp(3 * 32 * 32), 1, 3, 32, 32);
        using var first = OnnxModel.Open(Graph("vision_model"), Options);
        var second = OnnxModel.Open(Graph("vision_model"), Options);
        using var other = OnnxModel.Open(Graph("vision_model"), Options with { Threads = 2 });

        second.SharesSessionWith(first).Should().BeTrue();
        other.SharesSessionWith(first).Should().BeFalse();
        second.Dispose();
        second.Dispose();

        first.Run([input], ["image_embeds"]).Should().ContainSingle();
        second.Invoking(model => model.Run([input], ["image_embeds"])).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Input_that_lacks_is_named()
    {
        using var model = OnnxModel.Open(Graph("model"), Options);
        var input = OnnxInput.Of("pixel_values", Ramp(3 * 32 * 32), 1, 3, 32, 32);

        var act = () => model.Run([input], ["image_embeds"]);

        act.Should().Throw<InvalidDataException>().WithMessage("*has no input_ids, attention_mask;*");
    }

    [Fact]
    public void Input_of_another_kind_or_shape_and_an_unknown_name_are_refused()
    {
        using var model = OnnxModel.Open(Graph("vision_model"), Options);
        var good = OnnxInput.Of("pixel_values", Ramp(3 * 32 * 32), 1, 3, 32, 32);

        model
            .Invoking(one => one.Run([OnnxInput.Of("pixel_values", new long[3 * 32 * 32], 1, 3, 32, 32)], ["image_embeds"]))
            .Should()
            .Throw<InvalidDataException>()
            .WithMessage("*given whole numbers*");
        model
            .Invoking(one => one.Run([OnnxInput.Of("pixel_values", Ramp(3 * 64 * 16), 1, 3, 64, 16)], ["image_embeds"]))
            .Should()
            .Throw<InvalidDataException>()
            .WithMessage("*of shape [1, 3, 64, 16] in this call*");
        model.Invoking(one => one.Run([good], ["logits"])).Should().Throw<InvalidDataException>().WithMessage("*no output logits*");
        model
            .Invoking(one => one.Run([good], [new OnnxOutput("image_embeds", new float[3], 1, 24)]))
            .Should()
            .Throw<ArgumentException>()
            .WithMessage("*3 values*");
    }

    [Fact]
    public void Call_that_needs_more_than_the_budget_lacks_memory_and_a_smaller_one_succeeds()
    {
        using var model = OnnxModel.Open(Graph("vision_model"), Options with { WorkBytes = OnnxOptions.LeastWorkBytes });
        float[][] Embed(int rows) =>
            new PaddedCalls<float>(
                rows,
                3 * 32 * 32,
                24,
                1,
                (pixels, room, results) =>
                    model.Run([OnnxInput.Of("pixel_values", pixels, room, 3, 32, 32)], [new OnnxOutput("image_embeds", results, room, 24)])
            ).Run(rows, (_, target) => target.Fill(0.5f), CancellationToken.None);
        var before = Embed(2);

        var act = () => Embed(256);

        act.Should().Throw<ModelMemoryException>().WithMessage("*vision_model.onnx on cpu lacks memory*1048576 bytes*");
        Embed(2)[1].Should().Equal(before[0], "a call after one that failed is as before");
    }

    [Fact]
    public void Device_that_is_not_there_is_announced()
    {
        List<string> notices = [];
        var options = Options with { Device = "cuda", Notice = notices.Add };

        using var first = OnnxModel.Open(Graph("vision_model"), options);
        using var second = OnnxModel.Open(Graph("vision_model"), options);

        if (first.Device == "cpu")
        {
            notices.Should().HaveCount(2).And.AllSatisfy(notice => notice.Should().Contain("runs on the CPU, not on cuda"));
        }
    }

    [Theory]
    [InlineData("gpu", 1, OnnxOptions.LeastWorkBytes, "The device is gpu")]
    [InlineData("cuda:x", 1, OnnxOptions.LeastWorkBytes, "The device is cuda:x")]
    [InlineData("cuda", 1, OnnxOptions.LeastWorkBytes, "Notice is null")]
    [InlineData("cpu", 0, OnnxOptions.LeastWorkBytes, "Threads is 0")]
    [InlineData("cpu", OnnxOptions.MostThreads + 1, OnnxOptions.LeastWorkBytes, "Threads is 257")]
    [InlineData("cpu", 1, OnnxOptions.LeastWorkBytes - 1, "WorkBytes is 1048575")]
    [InlineData("cpu", 1, OnnxOptions.MostWorkBytes + 1, "WorkBytes is 4294967296")]
    public void Options_out_of_range_are_named(string device, int threads, long bytes, string fault)
    {
        var options = new OnnxOptions
        {
            Device = device,
            Threads = threads,
            WorkBytes = bytes,
        };

        var act = () => OnnxModel.Open(Graph("vision_model"), options);

        act.Should().Throw<ArgumentException>().WithMessage($"*{fault}*");
    }

    private static string Graph(string stem) => Path.Combine(GoldenSet.Fixtures, "onnx", "model", "onnx", $"{stem}.onnx");

    private static float[] Ramp(int length) => [.. Enumerable.Range(0, length).Select(index => (index % 97 - 48) / 48f)];
}
