namespace Pipeline.Models.Hub;

/// <summary>One file of a model.</summary>
/// <param name="Path">Relative to the model's folder, with <c>/</c> between its parts.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">SHA-256 of its bytes, 64 lower-case hexadecimal digits.</param>
public sealed record ModelFile(string Path, long Size, string Sha256);
