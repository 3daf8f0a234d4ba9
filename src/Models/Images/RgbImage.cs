namespace Pipeline.Models.Images;

/// <summary>A decoded picture: <c>[height, width, 3] uint8</c>, RGB, 0 to 255, rows from the top, no padding between rows.</summary>
/// <param name="Width">Pixels in a row, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="Pixels">Interleaved red, green and blue; <c>Width × Height × 3</c> bytes. Never changed once the image is made.</param>
public sealed record RgbImage(int Width, int Height, byte[] Pixels);
