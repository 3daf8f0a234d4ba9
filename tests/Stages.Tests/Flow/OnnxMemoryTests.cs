using Pipeline.Messages;
using Pipeline.Models.Onnx;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A graph of ONNX Runtime whose arena is too small for a call: the calls become smaller, and the run goes on.</summary>
public sealed class OnnxMemoryTests
{
    private const int PicturesOfAWord = 2;
    private static readonly FlowOptions Options = new(MicroBatch: 8, Workers: 1, Lanes: 1, Prefetch: 1);

    [Fact]
    public async Task Calls_are_halved_for_the_rest_of_the_run_and_that_is_said()
    {
        using var model = OnnxModel.Open(Graph(), new OnnxOptions { Threads = 1, WorkBytes = OnnxOptions.LeastWorkBytes });
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout { Fault = words => FaultOf(model, words.Count * PicturesOfAWord) };
        await using var graph = await site.StartAsync(stage, Options);

        await site.PublishAsync(0, ["a", "b", "c", "d", "e", "f", "g", "h"]);
        var first = await site.NextAsync<BatchReady>();
        var size = (await site.FooterAsync(0)).CallSize;
        await site.PublishAsync(1, ["a", "b", "c", "d", "e", "f", "g", "h"]);
        var second = await site.NextAsync<BatchReady>();

        (first.Quarantined, second.Quarantined, site.Meter.Failed).Should().Be((0, 0, 0));
        (await site.TextsAsync(0)).Should().Equal("A", "B", "C", "D", "E", "F", "G", "H");
        size.Should().BeLessThan(8).And.Be((await site.FooterAsync(1)).CallSize);
        site.Notices.Should().ContainSingle().Which.Should().Contain($"a model call holds {size} items from now on, not 8");
    }

    private static Exception? FaultOf(OnnxModel model, int pictures)
    {
        try
        {
            model.Run([OnnxInput.Of("pixel_values", new float[pictures * 3 * 32 * 32], pictures, 3, 32, 32)], ["image_embeds"]);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private static string Graph()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Pipeline.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, "tests", "Fixtures", "golden", "onnx", "model", "onnx", "vision_model.onnx");
    }
}
