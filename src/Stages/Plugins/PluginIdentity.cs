namespace Pipeline.Stages.Plugins;

/// <summary>One version of a plugin: other bytes are another version.</summary>
/// <param name="Name">The plugin's name: its assembly's file without the ending.</param>
/// <param name="Sha256">SHA-256 of what <c>sha256sum</c> prints for its files in ordinal order of their paths within it; lower-case hexadecimal.</param>
/// <param name="File">Where its assembly lay in the plugin folder, for people.</param>
public sealed record PluginIdentity(string Name, string Sha256, string File)
{
    /// <summary>Name and first digits of the hash, for people.</summary>
    public override string ToString() => $"{Name} {Sha256[..8]}";
}
