using System.Text.Json;

namespace Pipeline.Stages.Export.Formats;

/// <summary>
/// <c>images/{id}.jpg</c> (or its format's extension) and <c>annotations/captions_{split}.json</c> as COCO has captions (cocodataset.org/#format-data):
/// info, licenses, images, annotations. Ids are numbers from 1 on, each there once in all splits.
/// </summary>
internal sealed class CocoCaptionsWriter : IFormatWriter
{
    private const int License = 1;

    public async Task<IReadOnlyList<FormatResult>> WriteAsync(
        ExportedDataSet data,
        IReadOnlyList<string> splits,
        string folder,
        CancellationToken stop
    )
    {
        var images = Directory.CreateDirectory(Path.Combine(folder, "images")).FullName;
        var annotations = Directory.CreateDirectory(Path.Combine(folder, "annotations")).FullName;
        var names = SafeName.OfEach(splits);
        var results = new List<FormatResult>();
        var (nextImage, nextAnnotation) = (1L, 1L);
        foreach (var split in splits)
        {
            await using var file = File.Create(Path.Combine(annotations, $"captions_{names[split]}.json"));
            await using var json = new Utf8JsonWriter(file);
            json.WriteStartObject();
            WriteHead(json, data, split);
            var first = nextImage;
            json.WriteStartArray("images");
            await foreach (var row in data.RowsAsync(split, stop))
            {
                await File.WriteAllBytesAsync(Path.Combine(images, row.FileName), row.Image, stop);
                WriteImage(json, row, nextImage++);
                await json.FlushAsync(stop);
            }

            json.WriteEndArray();
            json.WriteStartArray("annotations");
            var image = first;
            await foreach (var caption in data.CaptionsAsync(split, stop))
            {
                if (caption is not null)
                    WriteAnnotation(json, nextAnnotation++, image, caption);
                image++;
                await json.FlushAsync(stop);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            results.Add(new FormatResult(split, nextImage - first, (int)(nextImage - first)));
        }

        return results;
    }

    private static void WriteHead(Utf8JsonWriter json, ExportedDataSet data, string split)
    {
        // The form has a year and a day here; the data set has none, and equal data sets give equal files.
        json.WriteStartObject("info");
        json.WriteString("description", $"Originals and edits, split {split}. An edit's caption is its prompt.");
        json.WriteString("url", "");
        json.WriteString("version", "1.0");
        json.WriteNumber("year", 0);
        json.WriteString("contributor", "");
        json.WriteString("date_created", "");
        json.WriteEndObject();
        json.WriteStartArray("licenses");
        json.WriteStartObject();
        json.WriteNumber("id", License);
        json.WriteString("name", data.License?.Id ?? "not stated");
        json.WriteString("url", data.License?.Url ?? "");
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteImage(Utf8JsonWriter json, ExportedRow row, long id)
    {
        var header = row.Header;
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("file_name", row.FileName);
        json.WriteNumber("width", header.UprightWidth);
        json.WriteNumber("height", header.UprightHeight);
        json.WriteNumber("license", License);
        json.WriteNumber("label", row.Label); // this and the next: ours, which readers of COCO pass over
        json.WriteString("label_name", row.LabelName);
        json.WriteEndObject();
    }

    private static void WriteAnnotation(Utf8JsonWriter json, long id, long image, string caption)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("image_id", image);
        json.WriteString("caption", caption);
        json.WriteEndObject();
    }
}
