namespace Pipeline.Stages.Report;

/// <summary>An sRGB colour, 0 to 255 each.</summary>
internal readonly record struct Colour(byte Red, byte Green, byte Blue);
