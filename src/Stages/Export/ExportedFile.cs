namespace Pipeline.Stages.Export;

/// <summary>A finished file of the data set, as its manifest lists it.</summary>
/// <param name="File">Its name, beside the manifest.</param>
/// <param name="Split">The split that all its rows are of.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Content">Hash of columns and cells, whatever their encoding: as in the file's footer.</param>
/// <param name="Sha256">SHA-256 of its bytes, lower-case hexadecimal.</param>
public sealed record ExportedFile(string File, string Split, long Rows, long Bytes, string Content, string Sha256);
