using Pipeline.Models.Onnx;
using Pipeline.Models.Tests.Weights;

namespace Pipeline.Models.Tests.Onnx;

public sealed class OnnxFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("onnx/vision_model.onnx", "none")]
    [InlineData("vision_model.onnx", "none")]
    [InlineData("onnx/vision_model_fp16.onnx", "fp16")]
    [InlineData("onnx/vision_model_quantized.onnx", "int8")]
    [InlineData("onnx/vision_model_int8.onnx", "int8")]
    [InlineData("onnx/vision_model_uint8.onnx", "int8")]
    [InlineData("onnx/vision_model_q4.onnx", "q4")]
    [InlineData("onnx/vision_model_bnb4.onnx", "q4")]
    public void Published_name_is_found_for_its_quantization_alone(string file, string quantization)
    {
        Touch(file);

        OnnxFolder.Find(folder.Root, "vision_model", quantization).Should().Be(folder.File(file));
        OnnxFolder
            .Quantizations.Where(word => OnnxFolder.TryFind(folder.Root, "vision_model", word) is not null)
            .Should()
            .Equal(quantization);
        OnnxFolder.TryFind(folder.Root, "text_model", quantization).Should().BeNull();
    }

    [Fact]
    public void Folder_onnx_goes_before_the_root_and_int8_before_other_words_for_it()
    {
        Touch("model.onnx");
        Touch("onnx/model.onnx");
        Touch("onnx/model_quantized.onnx");
        Touch("model_int8.onnx");

        OnnxFolder.Find(folder.Root, "model", "none").Should().Be(folder.File("onnx/model.onnx"));
        OnnxFolder.Find(folder.Root, "model", "int8").Should().Be(folder.File("model_int8.onnx"));
    }

    [Fact]
    public void What_is_there_is_told_where_the_wanted_graph_is_not()
    {
        Touch("onnx/vision_model.onnx");

        var act = () => OnnxFolder.Find(folder.Root, "text_model", "int8");

        act.Should()
            .Throw<FileNotFoundException>()
            .WithMessage("*has the graphs onnx/vision_model.onnx; it must have text_model_int8.onnx or text_model_quantized.onnx or*");
    }

    [Fact]
    public void Unknown_quantization_is_refused()
    {
        var act = () => OnnxFolder.TryFind(folder.Root, "model", "int4");

        act.Should().Throw<ArgumentException>().WithMessage("The quantization is int4; it must be one of none, fp16, int8, q4.*");
    }

    private void Touch(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(file))!);
        File.WriteAllText(folder.File(file), "");
    }
}
