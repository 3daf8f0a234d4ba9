namespace Pipeline.Models.Tests.Fuzz;

/// <summary>A chunk, segment, entry or block of a file.</summary>
/// <param name="Start">Offset of its first byte.</param>
/// <param name="Length">Bytes of all of it.</param>
/// <param name="SizeAt">Offset of a number in it that counts something: its bytes, a side, a number of values.</param>
/// <param name="SizeBytes">1 to 8.</param>
internal readonly record struct FilePiece(int Start, int Length, int SizeAt, int SizeBytes);
