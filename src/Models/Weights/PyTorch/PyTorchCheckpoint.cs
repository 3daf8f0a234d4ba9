namespace Pipeline.Models.Weights.PyTorch;

/// <summary>Converts the files of <c>torch.save</c> (.bin, .pt, .pth, .ckpt) to safetensors without running anything that they hold.</summary>
public static class PyTorchCheckpoint
{
    private const long FreeBytes = 64 << 20;
    private const long MostGrowth = 16;

    /// <summary>Reads a checkpoint and writes its tensors, dense, bit for bit, under dotted names.</summary>
    /// <param name="source">A zip file of torch.save, PyTorch 1.6 or later.</param>
    /// <param name="target">The safetensors file; written whole or not at all, replaced if it exists. Its folder must exist.</param>
    /// <exception cref="InvalidDataException">The file is of another form, damaged, or names anything but tensors and plain containers: the message names it. No file is written.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static CheckpointConversion Convert(string source, string target)
    {
        using var file = CheckpointFile.Open(source);
        var (tensors, skipped) = CheckpointTree.Flatten(file, PickleReader.Read(file));
        var views = tensors.Select(item => (Name: item.Key, View: TensorView.Of(file, item.Key, item.Value))).ToArray();
        CheckSize(file, views.Aggregate(Int128.Zero, (sum, item) => sum + item.View.Cost));
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        AtomicFile.Write(target, stream => SafetensorsWriter.Write(stream, views.Select(item => item.View.Item(item.Name)), metadata));
        return new CheckpointConversion(target, [.. tensors.Keys], skipped);
    }

    /// <summary>Views may repeat elements without end; a file that is much more to read or write than it is long was made to fill a disk.</summary>
    private static void CheckSize(CheckpointFile file, Int128 bytes)
    {
        var most = Int128.Max(FreeBytes, MostGrowth * (Int128)file.Length);
        if (bytes > most)
        {
            throw file.Broken("the checkpoint", $"{file.Length} bytes long but {bytes} bytes of views", $"at most {most} bytes of views");
        }
    }
}
