using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using Pipeline.Models.Images;

namespace Pipeline.Stages.Train;

/// <summary>What pictures are brought to for a training.</summary>
/// <param name="Side">Pixels of a side, 32 to 1024.</param>
/// <param name="Resize">How.</param>
public readonly record struct PixelForm(int Side, ResizeQuality Resize = ResizeQuality.Scaled);

/// <summary>The pixels of an ordered list of images, decoded once to <c>[3, size, size] uint8</c> planes in a memory-mapped file.</summary>
/// <remarks>Memory stays flat however many images there are: the system pages the file in and out. Reading is thread safe.</remarks>
public sealed class PixelCache : IDisposable
{
    private readonly IReadOnlyList<TrainingSample> samples;
    private readonly MemoryMappedFile mapped;
    private readonly MemoryMappedViewAccessor view;
    private readonly SafeMemoryMappedViewHandle handle;
    private readonly HashSet<string> left;

    private PixelCache(string path, IReadOnlyList<TrainingSample> samples, int imageSize, IReadOnlyList<RejectedSample> rejected)
    {
        this.samples = samples;
        ImageSize = imageSize;
        Rejected = rejected;
        left = [.. rejected.Select(sample => sample.Id)];
        mapped = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);
        view = mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        handle = view.SafeMemoryMappedViewHandle;
    }

    /// <summary>Pixels of a side.</summary>
    public int ImageSize { get; }

    /// <summary>The images that could not be decoded, in the order of the list.</summary>
    public IReadOnlyList<RejectedSample> Rejected { get; }

    /// <summary>Takes the file if it is whole and of these ids and this form; otherwise decodes every image into a new one, which replaces it.</summary>
    /// <param name="path">The file; a partial one beside it is made anew after a kill. One builder at a time.</param>
    /// <param name="samples">Every id once.</param>
    /// <param name="form">What the pictures are brought to.</param>
    /// <param name="workers">Images that are loaded and decoded at once; at least 1.</param>
    /// <param name="stop">Looked at between images.</param>
    /// <exception cref="InvalidDataException">An id comes twice.</exception>
    public static async Task<PixelCache> OpenAsync(
        string path,
        IReadOnlyList<TrainingSample> samples,
        PixelForm form,
        int workers,
        CancellationToken stop
    )
    {
        var hash = PixelFile.Hash(samples, form);
        var rejected =
            PixelFile.TryRead(path, hash, samples.Count, form.Side) ?? await PixelFile.WriteAsync(path, hash, samples, form, workers, stop);
        return new PixelCache(path, samples, form.Side, rejected);
    }

    /// <summary>The decodable images that are chosen, in the order of the list.</summary>
    public PixelImages Where(Func<TrainingSample, bool> chosen) =>
        new(
            this,
            samples,
            [.. Enumerable.Range(0, samples.Count).Where(index => !left.Contains(samples[index].Id) && chosen(samples[index]))]
        );

    /// <summary>Copies the planes of one image, by its place in the list.</summary>
    internal void Read(int index, Span<byte> rgb)
    {
        var imageBytes = 3 * ImageSize * ImageSize;
        if (rgb.Length != imageBytes)
        {
            throw new ArgumentException(
                $"The buffer is {rgb.Length} bytes long; it must be {imageBytes}, three planes of {ImageSize} × {ImageSize}. Use the cache's image size."
            );
        }

        handle.ReadSpan((ulong)PixelFile.Offset(index, ImageSize), rgb);
    }

    /// <summary>Unmaps the file; it stays for the next time.</summary>
    public void Dispose()
    {
        view.Dispose();
        mapped.Dispose();
    }
}
