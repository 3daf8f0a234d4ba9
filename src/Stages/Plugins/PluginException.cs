namespace Pipeline.Stages.Plugins;

/// <summary>A plugin cannot be used. The message says why, to be shown as it is.</summary>
/// <param name="message">What was found, what it must be, and what to do.</param>
/// <param name="inner">The error behind it.</param>
public sealed class PluginException(string message, Exception? inner = null) : Exception(message, inner);
