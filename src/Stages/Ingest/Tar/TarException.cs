namespace Pipeline.Stages.Ingest.Tar;

/// <summary>A tar cannot be walked further.</summary>
/// <param name="kind">A word of <see cref="TarFault"/>.</param>
/// <param name="message">What was found, wanted, and what to do; a sentence that begins with what the tar does.</param>
/// <param name="inner">What the system said, if it did.</param>
internal sealed class TarException(string kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Kind => kind;

    /// <summary>It ends too early or contradicts its format.</summary>
    public static TarException Damaged(string what, Exception? inner = null) =>
        new(TarFault.Damaged, $"{what} The samples before are taken, what follows is not. Make the tar anew, or fetch it again.", inner);
}
