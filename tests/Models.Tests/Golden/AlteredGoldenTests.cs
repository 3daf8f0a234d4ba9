using System.Text.Json.Nodes;
using Pipeline.Models.Tests.Weights;
using Pipeline.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>A set in which one value was altered by 10 times its tolerance fails: in every file of every case that has code.</summary>
public sealed class AlteredGoldenTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Tensors() => Files(".safetensors");

    /// <summary>Lists of cases and of layouts; token ids only where there is the vocabulary for them.</summary>
    public static TheoryData<string, string> Lists()
    {
        var rows = Files(".json");
        foreach (var file in GoldenLayouts.Files.Where(GoldenLayouts.HasCode))
        {
            rows.Add(GoldenLayouts.Folder, file);
        }

        return rows;
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Tensors))]
    public void One_altered_value_of_a_tensor_fails(string caseFolder, string file)
    {
        var golden = GoldenSet.Case(caseFolder);
        var code = GoldenTests.CodeFor(golden.Name, file)!;
        var compared = GoldenTests.Run(golden.File(file), code).Compared;
        compared.Should().NotBeEmpty();
        using var stored = SafetensorsFile.Read(Path.Combine(GoldenSet.Root, caseFolder, file));

        // A file of weights alone has no expected values: the file that has them is a row of its own.
        string[] expected =
        [
            .. stored.Entries.Values.Where(entry => entry.Length > 0 && compared.Contains(entry.Name)).Select(entry => entry.Name),
        ];
        Copy(caseFolder, file);
        if (TryOutside(stored, file, expected, code) is { } outside)
        {
            expected.Should().BeSubsetOf(outside);
            return;
        }

        // Code that stops at the first fault finds one a run.
        foreach (var name in expected.Where((_, index) => index % Math.Max(1, expected.Length / 12) == 0))
        {
            (TryOutside(stored, file, [name], code)?.Contains(name) ?? true).Should().BeTrue("{0} was altered", name);
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Lists))]
    public void One_altered_number_of_a_list_fails(string caseFolder, string file)
    {
        var run = RunOf(caseFolder, file);
        var path = Copy(caseFolder, file);
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        var numbers = Numbers(root).ToArray();
        numbers.Should().NotBeEmpty();
        foreach (var place in new[] { 0, numbers.Length / 3, numbers.Length - 1 })
        {
            var before = numbers[place].Value.DeepClone();
            numbers[place].Set(JsonValue.Create(before.GetValue<long>() + 1));
            File.WriteAllText(path, root.ToJsonString());
            numbers[place].Set(before);

            run.Should().Throw<Exception>("number {0} of {1} was altered", place, numbers.Length);
        }
    }

    private Action RunOf(string caseFolder, string file)
    {
        if (caseFolder == GoldenLayouts.Folder)
        {
            return () => GoldenLayouts.Run(folder.File(file)).MustPass();
        }

        var code = GoldenTests.CodeFor(GoldenSet.Case(caseFolder).Name, file)!;
        return () => GoldenTests.Run(GoldenCase.Read(folder.Root).File(file), code).MustPass();
    }

    private static TheoryData<string, string> Files(string ending)
    {
        var rows = new TheoryData<string, string>();
        foreach (var caseFolder in GoldenSet.Folders)
        {
            var golden = GoldenSet.Case(caseFolder);
            foreach (var file in golden.Files.Where(file => file.EndsWith(ending, StringComparison.Ordinal)))
            {
                if (
                    File.Exists(Path.Combine(GoldenSet.Root, caseFolder, file))
                    && GoldenTests.CodeFor(golden.Name, file) is not null
                    && (file != ClipGolden.TokensFile || ClipGolden.Vocabulary(Path.Combine(GoldenSet.Root, caseFolder)) is not null)
                )
                {
                    rows.Add(caseFolder, file);
                }
            }
        }

        return rows;
    }

    /// <summary>What is outside its tolerance after one value of each of these tensors was moved; null where the code stopped at a fault.</summary>
    private IReadOnlyList<string>? TryOutside(
        SafetensorsFile stored,
        string file,
        IReadOnlyCollection<string> names,
        Action<GoldenFile, GoldenReport> code
    )
    {
        var golden = GoldenCase.Read(folder.Root).File(file);
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(
            folder.File(file),
            stored.Entries.Keys.Select(name =>
                (name, names.Contains(name) ? Altered(stored.Tensor(name), golden.Tolerance) : stored.Tensor(name))
            ),
            stored.Metadata
        );
        try
        {
            return GoldenTests.Run(golden, code).Outside;
        }
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>The middle value is moved by 10 tolerances; by 1 where none is allowed.</summary>
    private static Tensor Altered(Tensor values, GoldenTolerance tolerance)
    {
        var one = values.view(-1)[values.numel() / 2];
        if (values.dtype == ScalarType.Bool)
        {
            one.logical_not_();
            return values;
        }

        if (!is_floating_point(values.dtype))
        {
            one.add_(1L);
            return values;
        }

        var step = 10 * tolerance.At(one.to(ScalarType.Float64).item<double>());
        var before = one.to(ScalarType.Float64).item<double>();
        one.add_(step == 0 ? 1 : step);
        if (!(one.to(ScalarType.Float64).item<double>() != before) || !double.IsFinite(before))
        {
            // Infinite, or too great for a step to be seen.
            one.fill_(before == 0.5 ? 0.25 : 0.5);
        }

        return values;
    }

    /// <summary>Lays the case out as links, and the one file that is altered as a file of its own.</summary>
    private string Copy(string caseFolder, string file)
    {
        var source = Path.Combine(GoldenSet.Root, caseFolder);
        foreach (var path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var place = folder.File(Path.GetRelativePath(source, path));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            if (Path.GetRelativePath(source, path) == file)
            {
                // Not a copy: a set may be read-only.
                File.WriteAllBytes(place, File.ReadAllBytes(path));
            }
            else
            {
                File.CreateSymbolicLink(place, path);
            }
        }

        return folder.File(file);
    }

    /// <summary>Every whole number of the file that something is held to; a row that need not be met has none.</summary>
    private static IEnumerable<(JsonNode Value, Action<JsonNode> Set)> Numbers(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            for (var index = 0; index < list.Count; index++)
            {
                var place = index;
                foreach (var number in Within(list[index], value => list[place] = value))
                {
                    yield return number;
                }
            }
        }
        else if (node is JsonObject map && map["must"]?.GetValue<bool>() != false)
        {
            foreach (var name in map.Select(item => item.Key).Where(name => name != "config").ToArray())
            {
                foreach (var number in Within(map[name], value => map[name] = value))
                {
                    yield return number;
                }
            }
        }
    }

    private static IEnumerable<(JsonNode Value, Action<JsonNode> Set)> Within(JsonNode? node, Action<JsonNode> set) =>
        node is JsonValue value && value.TryGetValue<long>(out _) ? [(value, set)] : Numbers(node);
}
