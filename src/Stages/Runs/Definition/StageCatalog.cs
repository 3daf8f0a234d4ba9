using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>The kinds of stage that a pipeline file can name.</summary>
public sealed class StageCatalog
{
    private readonly SortedDictionary<string, IStageKind> kinds = new(StringComparer.Ordinal);

    /// <summary>Takes the kinds and checks that each can be read from a pipeline file.</summary>
    /// <exception cref="ArgumentException">Two kinds have one name, or a kind's options cannot be read from a file: a fault of the program.</exception>
    public StageCatalog(IEnumerable<IStageKind> kinds)
    {
        foreach (var kind in kinds)
        {
            StageOption.Of(kind.Options);
            if (!StageName.IsGood(kind.Name))
            {
                throw new ArgumentException(
                    $"The kind {kind.GetType()} is named '{kind.Name}'; it must be {StageName.Wanted}.",
                    nameof(kinds)
                );
            }

            if (!this.kinds.TryAdd(kind.Name, kind))
            {
                throw new ArgumentException(
                    $"The kinds {this.kinds[kind.Name].GetType()} and {kind.GetType()} are both named {kind.Name}; names must differ. Rename one.",
                    nameof(kinds)
                );
            }
        }
    }

    /// <summary>Every kind, in ordinal order of names.</summary>
    public IReadOnlyList<IStageKind> Kinds => [.. kinds.Values];

    /// <summary>The kinds among an assembly's public sealed types with a constructor without parameters, taken in ordinal order.</summary>
    public static StageCatalog Of(Assembly assembly) =>
        new(
            assembly
                .GetExportedTypes()
                .Where(type => type is { IsSealed: true, IsClass: true, ContainsGenericParameters: false })
                .Where(type => type.IsAssignableTo(typeof(IStageKind)) && type.GetConstructor(Type.EmptyTypes) is not null)
                .OrderBy(type => type.FullName, StringComparer.Ordinal)
                .Select(Activator.CreateInstance)
                .OfType<IStageKind>()
        );

    /// <summary>A catalog that also has, as <see cref="ForeignKind"/>s, the kinds of these manifests; a kind that this one has stays as it is.</summary>
    public StageCatalog With(IEnumerable<StageManifest> manifests) =>
        new([
            .. kinds.Values,
            .. manifests.Where(manifest => !kinds.ContainsKey(manifest.Name)).Select(manifest => new ForeignKind(manifest)),
        ]);

    /// <summary>The kind of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those that there are.</exception>
    public IStageKind Find(string name) =>
        TryFind(name, out var kind)
            ? kind
            : throw new KeyNotFoundException($"The kind of a stage is '{name}'; it must be {Known}.{Nearest.Hint(name, kinds.Keys)}");

    /// <summary>The kind of that name, if there is one.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out IStageKind? kind) => kinds.TryGetValue(name, out kind);

    internal string Known => kinds.Count == 0 ? "a known kind, and there are none" : $"one of {string.Join(", ", kinds.Keys)}";

    internal IEnumerable<string> Names => kinds.Keys;
}
