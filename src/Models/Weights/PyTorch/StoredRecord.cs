namespace Pipeline.Models.Weights.PyTorch;

/// <summary>One record of a zip file that holds its bytes as they are.</summary>
/// <param name="Name">Its name in the directory, byte for byte as Latin-1: names are compared, never opened.</param>
/// <param name="Begin">Where its bytes begin in the file.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Checksum">CRC-32 of them.</param>
internal sealed record StoredRecord(string Name, long Begin, long Length, uint Checksum);
