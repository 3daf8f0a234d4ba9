using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Pipeline.Architecture.Tests;

/// <summary>One project: its file, its sources and, for those of <c>src</c>, its assembly.</summary>
internal sealed class Project(string file)
{
    private readonly XDocument document = XDocument.Load(file);

    internal string Name { get; } = Path.GetFileNameWithoutExtension(file);

    internal string Folder { get; } = Path.GetDirectoryName(file)!;

    internal string AssemblyName => document.Descendants("AssemblyName").SingleOrDefault()?.Value ?? Name;

    /// <summary>Names of the projects that it refers to.</summary>
    internal IReadOnlyList<string> References =>
        [
            .. document
                .Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Its C# files; build output is not among them.</summary>
    internal IReadOnlyList<string> Sources { get; } =
    [
        .. Directory
            .EnumerateFiles(Path.GetDirectoryName(file)!, "*.cs", SearchOption.AllDirectories)
            .Where(path => !SourceTree.Relative(path).Split('/').Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal),
    ];

    internal Assembly Assembly => Assembly.Load(AssemblyName);

    /// <summary>Types that somebody wrote.</summary>
    internal IReadOnlyList<Type> Types => [.. Assembly.GetTypes().Where(IsWritten)];

    private static bool IsWritten(Type type) =>
        !type.Name.Contains('<', StringComparison.Ordinal)
        && !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        && (type.DeclaringType is null || IsWritten(type.DeclaringType))
        && type.FullName != "Program"
        && type.Namespace?.StartsWith("Pipeline", StringComparison.Ordinal) != false;
}
