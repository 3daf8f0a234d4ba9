using TorchSharp;

namespace Pipeline.Models.Tests.Golden;

/// <summary>Every file of every reference case is one row: run against its tolerance, or skipped by name where there is no code yet.</summary>
public sealed class GoldenTests(ITestOutputHelper output)
{
    private static readonly IGoldenCode[] Codes =
    [
        .. typeof(GoldenTests)
            .Assembly.GetTypes()
            .Where(type => type is { IsInterface: false } && type.IsAssignableTo(typeof(IGoldenCode)))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(type => (IGoldenCode)Activator.CreateInstance(type)!),
    ];

    public static TheoryData<string, string> Rows()
    {
        var rows = new TheoryData<string, string>();
        foreach (var folder in GoldenSet.Folders)
        {
            foreach (var file in FilesOf(folder).Where(file => IsRow(folder, file)))
            {
                rows.Add(folder, file);
            }
        }

        foreach (var file in GoldenLayouts.Files)
        {
            rows.Add(GoldenLayouts.Folder, file);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Code_gives_the_reference_values(string folder, string file)
    {
        var report = folder == GoldenLayouts.Folder ? GoldenLayouts.Run(Path.Combine(GoldenSet.Root, folder, file)) : RunCase(folder, file);

        output.WriteLine($"{folder}/{file}: {report.Worst}");
        report.MustPass();
    }

    /// <summary>The code for one file of a case; null if there is none yet.</summary>
    internal static Action<GoldenFile, GoldenReport>? CodeFor(string caseName, string file) =>
        Codes.FirstOrDefault(code => code.Case == caseName)?.For(file);

    private static GoldenReport RunCase(string folder, string file)
    {
        var golden = GoldenSet.Case(folder);
        if (CodeFor(golden.Name, file) is not { } code)
        {
            Assert.Skip($"{folder}/{file}: there is no code for it yet.");
            throw new InvalidOperationException("A skip ends the test.");
        }

        return Run(golden.File(file), code);
    }

    /// <summary>A part of a case that was not copied, and that there is no code for either, does not count.</summary>
    private static bool IsRow(string folder, string file) =>
        File.Exists(Path.Combine(GoldenSet.Root, folder, file))
        || file == GoldenCase.Description
        || CodeFor(GoldenSet.Case(folder).Name, file) is not null;

    /// <summary>Runs one file and compares; does not judge.</summary>
    internal static GoldenReport Run(GoldenFile file, Action<GoldenFile, GoldenReport> code)
    {
        using var scope = torch.NewDisposeScope();
        var report = new GoldenReport(file.Tolerance);
        code(file, report);
        return report;
    }

    /// <summary>A case that cannot be read is one row too, so that it fails under its name.</summary>
    private static IEnumerable<string> FilesOf(string folder)
    {
        try
        {
            return [.. GoldenSet.Case(folder).Files];
        }
        catch (Exception)
        {
            return [GoldenCase.Description];
        }
    }
}
