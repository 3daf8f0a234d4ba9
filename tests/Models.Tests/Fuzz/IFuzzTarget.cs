namespace Pipeline.Models.Tests.Fuzz;

/// <summary>A reader that is given damaged files, in a process of its own that may die. A public or internal class without constructor arguments.</summary>
internal interface IFuzzTarget
{
    /// <summary>Good files by name, always in the same order; each must be read whole before any is damaged.</summary>
    IReadOnlyList<(string Name, byte[] Bytes)> Seeds { get; }

    /// <summary>Names of seeds that are whole and yet refused, being of a kind that is not supported.</summary>
    IReadOnlyList<string> Unsupported => [];

    /// <summary>Memory, bytes, that damaged files may take above what the good ones took.</summary>
    long MostBytes => 128L << 20;

    /// <summary>What of a good file can be damaged as a whole: doubled, taken out, its size changed. None: bytes alone.</summary>
    IReadOnlyList<FilePiece> Pieces(byte[] bytes) => [];

    /// <summary>Words that are put into a file at any place, for formats of words: <c>-1</c>, <c>1e999</c>, <c>[[[[</c>.</summary>
    IReadOnlyList<byte[]> Words => [];

    /// <summary>Makes checksums of a damaged file right again, in place, so that damage reaches what lies behind them.</summary>
    void Mend(byte[] bytes) { }

    /// <summary>Reads all of one file.</summary>
    /// <param name="name">Which seed it was made from.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="number">Of the case; to take another way of reading now and then.</param>
    /// <returns>True if it was read, false if it was refused with the error that the reader promises; any other error leaves this method and is a fault.</returns>
    bool Read(string name, byte[] bytes, int number);
}
