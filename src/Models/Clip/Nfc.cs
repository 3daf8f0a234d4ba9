using System.Runtime.InteropServices;
using System.Text;

namespace Pipeline.Models.Clip;

/// <summary>Unicode's normal form C.</summary>
/// <remarks>
/// <see cref="string.Normalize(NormalizationForm)"/> leaves everything beyond ASCII as it is where globalization is invariant, as it is in this program (seen with
/// .NET 10: e and U+0301 stayed two). GLib has the tables, and libvips, which is here anyway, brings GLib along.
/// </remarks>
internal static unsafe partial class Nfc
{
    private const string Library = "libvips.so.42";

    /// <summary>GLib's <c>G_NORMALIZE_DEFAULT_COMPOSE</c>.</summary>
    private const int Composed = 1;

    /// <summary>The composed text; half surrogate pairs become U+FFFD, and NUL, which ends a text in C, becomes a space.</summary>
    public static string Compose(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text.Replace('\0', ' '));
        byte* composed;
        fixed (byte* start = bytes)
        {
            composed = Normalize(start, bytes.Length, Composed);
        }

        if (composed is null)
        {
            throw new InvalidOperationException(
                "GLib takes the text for broken UTF-8; it was made by .NET. This is a fault of the program: report it."
            );
        }

        try
        {
            return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(composed));
        }
        finally
        {
            Free(composed);
        }
    }

    [LibraryImport(Library, EntryPoint = "g_utf8_normalize")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial byte* Normalize(byte* text, nint length, int mode);

    [LibraryImport(Library, EntryPoint = "g_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial void Free(void* memory);
}
