namespace Pipeline.Stages.Plugins;

/// <summary>One version of a plugin: other bytes are another version.</summary>
/// <param name="Name">The plugin's name: its assembly's file without the ending.</param>
/// <param name="Sha256">SHA-256 over all its files, lower-case hexadecimal.</param>
/// <param name="File">Where its assembly lay in the plugin folder, for people.</param>
public sealed record PluginIdentity(string Name, string Sha256, string File);
