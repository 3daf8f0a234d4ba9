namespace Pipeline.EndToEnd.Tests.Cluster;

/// <summary>Pipelines and data sets that cost little, for runs in which the stages are not what is tested.</summary>
internal static class ClusterPipelines
{
    /// <summary>Every stage; one sample a batch, so that there are as many batches as samples.</summary>
    public static string Whole(string folder) =>
        Write(
            folder,
            """
            pipeline: whole
            stages:
              ingest: { batch: 1 }
              caption: { after: ingest }
              describe: { after: caption, limit: 2 }
              edit: { after: caption }
              filter: { after: edit, callSize: 2 }
              select: { after: filter }
              export: { after: select }
              train: { after: [ingest, select], imageSize: 32, epochs: 1, trainings: [original] }
              report: { after: [export, train] }

            """
        );

    /// <summary>Ingest, caption, describe and edit; one sample a batch, few of them unfinished at one time.</summary>
    public static string Edits(string folder, int unfinished = 64) =>
        Write(
            folder,
            $$"""
            pipeline: edits
            stages:
              ingest: { batch: 1, unfinished: {{unfinished}} }
              caption: { after: ingest }
              describe: { after: caption, limit: 2, among: 20 }
              edit: { after: caption }

            """
        );

    private static string Write(string folder, string text)
    {
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, "pipeline.yaml");
        File.WriteAllText(path, text);
        return path;
    }
}
