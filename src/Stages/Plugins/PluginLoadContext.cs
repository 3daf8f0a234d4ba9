using System.Reflection;
using System.Runtime.Loader;

namespace Pipeline.Stages.Plugins;

/// <summary>The assemblies of one version of a plugin, apart from those of others and of the program, but for the framework and the two of the seam.</summary>
/// <param name="assembly">Path of the plugin's assembly; what belongs to it lies in the same folder.</param>
internal sealed class PluginLoadContext(string assembly)
    : AssemblyLoadContext(Path.GetFileNameWithoutExtension(assembly), isCollectible: true)
{
    private static readonly string?[] Shared =
    [
        typeof(Sdk.StageKind).Assembly.GetName().Name,
        typeof(Messages.RoutingKey).Assembly.GetName().Name,
    ];

    private readonly AssemblyDependencyResolver resolver = new(assembly);

    private readonly string folder = (Path.GetDirectoryName(assembly) ?? ".") + Path.DirectorySeparatorChar;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName) =>
        !Shared.Contains(assemblyName.Name) && Own(resolver.ResolveAssemblyToPath(assemblyName)) is { } path
            ? LoadFromAssemblyPath(path)
            : null;

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        Own(resolver.ResolveUnmanagedDllToPath(unmanagedDllName)) is { } path ? LoadUnmanagedDllFromPath(path) : nint.Zero;

    /// <summary>The path, when it is of a file that was copied and checked with the plugin.</summary>
    private string? Own(string? path) => path?.StartsWith(folder, StringComparison.Ordinal) == true ? path : null;
}
