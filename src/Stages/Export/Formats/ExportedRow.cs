using System.Text.Json.Nodes;
using Pipeline.Models.Images;

namespace Pipeline.Stages.Export.Formats;

/// <summary>A row of a finished data set.</summary>
/// <param name="Id">Of the edit, else of the sample; where one edit is there several times, with <c>-2</c> and so on at the end.</param>
/// <param name="Image">The encoded image.</param>
/// <param name="Label">The class, from 0.</param>
/// <param name="LabelName">The class.</param>
/// <param name="Split">The split.</param>
/// <param name="Caption">What an edit was asked to show, else what a stage or the input says of the original; null where nothing does.</param>
/// <param name="Cells">All other columns in file order: text, numbers, truth values, lists and nulls.</param>
internal sealed record ExportedRow(
    string Id,
    byte[] Image,
    long Label,
    string LabelName,
    string Split,
    string? Caption,
    IReadOnlyList<(string Name, object? Value)> Cells
)
{
    /// <summary>Format and size; read anew each time.</summary>
    /// <exception cref="ImageRejectedException">It is no image.</exception>
    public ImageHeader Header => ImageHeader.Read(Image);

    /// <summary>A file name of this image: its id and the usual extension of its format.</summary>
    public string FileName =>
        Id
        + Header.Format switch
        {
            ImageFormat.Jpeg => ".jpg",
            ImageFormat.Tiff => ".tif",
            var other => "." + other.ToString().ToLowerInvariant(),
        };

    /// <summary>A cell as JSON.</summary>
    public static JsonNode? Json(object? value) =>
        value switch
        {
            null => null,
            string text => text,
            bool truth => truth,
            int number => number,
            long number => number,
            float number => Number(number),
            double number => Number(number),
            float[] list => new JsonArray([.. list.Select(number => Number(number))]),
            string[] list => new JsonArray([.. list.Select(text => JsonValue.Create(text))]),
            _ => throw new InvalidOperationException($"A cell is a {value.GetType()}; it cannot be written as JSON. Add the type."),
        };

    // JSON has no infinities and no NaN.
    private static JsonValue? Number(float number) => float.IsFinite(number) ? JsonValue.Create(number) : null;

    private static JsonValue? Number(double number) => double.IsFinite(number) ? JsonValue.Create(number) : null;
}
