using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Pipeline.Sdk;

namespace Pipeline.Plugins;

/// <summary>Makes plugins for tests out of source text.</summary>
internal static class PluginCompiler
{
    private static readonly MetadataReference[] Framework =
    [
        .. (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "")
            .Split(Path.PathSeparator)
            .Where(path =>
                Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name == "netstandard.dll")
            )
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Compiles a plugin into <c>{folder}/{name}/{name}.dll</c>, in place of what is there; gives the path.</summary>
    /// <param name="folder">The plugin folder.</param>
    /// <param name="name">The assembly's name.</param>
    /// <param name="source">C#; the usual namespaces and <c>Pipeline.Sdk</c> need no using.</param>
    /// <param name="sdk">Version of the SDK that it is to be built against; null for that of this program.</param>
    public static string Compile(string folder, string name, string source, Version? sdk = null)
    {
        var seam = sdk is null ? MetadataReference.CreateFromFile(typeof(StageKind).Assembly.Location) : Empty("Pipeline.Sdk", sdk);
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, $"{name}.dll");
        var draft = Path.Combine(folder, $".{name}.draft");
        using (var image = File.Create(draft))
        {
            Emit(name, source, [.. Framework, seam], image);
        }

        File.Move(draft, path, overwrite: true);
        return path;
    }

    /// <summary>An SDK of another version, of which only the name is there.</summary>
    private static PortableExecutableReference Empty(string name, Version version)
    {
        using var image = new MemoryStream();
        Emit(
            name,
            $"[assembly: System.Reflection.AssemblyVersion(\"{version}\")] namespace Pipeline.Sdk {{ public class StageKind; }}",
            Framework,
            image
        );
        return MetadataReference.CreateFromImage(image.ToArray());
    }

    private static void Emit(string name, string source, IEnumerable<MetadataReference> references, Stream image)
    {
        const string Usings =
            "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
            + "global using System.Threading; global using System.Threading.Tasks; global using Pipeline.Sdk;";
        var compilation = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(source), CSharpSyntaxTree.ParseText(Usings)],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)
        );
        var result = compilation.Emit(image);
        if (!result.Success)
        {
            throw new InvalidOperationException(string.Join('\n', result.Diagnostics));
        }
    }
}
