namespace Pipeline.EndToEnd.Tests;

/// <summary>Pipelines shorter than the starter, for what can be shown without training.</summary>
internal static class PipelineFile
{
    private const string UpToDescriptions = """
        pipeline: short
        stages:
          ingest: { batch: 8 }
          caption: { after: ingest }
          describe: { after: caption, limit: 2 }

        """;

    private const string Editing = "  edit: { after: caption }\n";

    /// <summary>Ingest alone.</summary>
    public static string Ingesting(string folder) => Write(folder, "pipeline: ingest\nstages: { ingest: {} }\n");

    /// <summary>Ingest, caption and describe.</summary>
    public static string Describing(string folder) => Write(folder, UpToDescriptions);

    /// <summary>Ingest, caption, describe and edit.</summary>
    public static string Edits(string folder) => Write(folder, UpToDescriptions + Editing);

    private static string Write(string folder, string text)
    {
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, "pipeline.yaml");
        File.WriteAllText(path, text);
        return path;
    }
}
