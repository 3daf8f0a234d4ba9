using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Pipeline.Sdk;

namespace Pipeline.Stages.Plugins;

/// <summary>Which version of the SDK an assembly was built against, read before any of its code is loaded.</summary>
internal static class SdkVersion
{
    private static readonly string Name = typeof(StageKind).Assembly.GetName().Name ?? "";

    /// <summary>The SDK of this program.</summary>
    public static Version Host { get; } = typeof(StageKind).Assembly.GetName().Version ?? new Version();

    /// <summary>Checks that an assembly can be used with the SDK of this program.</summary>
    /// <exception cref="PluginException">It cannot, or is no .NET assembly.</exception>
    public static void Check(string assembly)
    {
        var found =
            Of(assembly)
            ?? throw new PluginException(
                $"{Path.GetFileName(assembly)} does not refer to {Name}; it must, to give a stage. Build it against the package {Name} {Host.ToString(3)}."
            );
        if (!Fits(found, Host))
        {
            var wanted = Host.Major == 0 ? $"{Host.ToString(2)}" : $"{Host.Major}, at most {Host.ToString(3)}";
            throw new PluginException(
                $"{Path.GetFileName(assembly)} is built against {Name} {found.ToString(3)}; it must be built against version {wanted}. "
                    + $"Build it against {Name} {Host.ToString(3)}, or run it with the program of its version."
            );
        }
    }

    /// <summary>Whether code built against one version runs on another: below 1.0 every minor version may break, later only a major one.</summary>
    public static bool Fits(Version built, Version host) =>
        built.Major == host.Major && (host.Major == 0 ? built.Minor == host.Minor : built <= host);

    private static Version? Of(string assembly)
    {
        try
        {
            using var stream = File.OpenRead(assembly);
            using var image = new PEReader(stream);
            var metadata = image.GetMetadataReader();
            return metadata
                .AssemblyReferences.Select(metadata.GetAssemblyReference)
                .Where(reference => metadata.GetString(reference.Name) == Name)
                .Select(reference => reference.Version)
                .FirstOrDefault();
        }
        catch (Exception error) when (error is BadImageFormatException or InvalidOperationException)
        {
            throw new PluginException(
                $"{Path.GetFileName(assembly)} is no .NET assembly ({error.Message.TrimEnd('.')}); it must be one. Copy it again, whole.",
                error
            );
        }
    }
}
