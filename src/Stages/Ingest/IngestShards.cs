using System.Globalization;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Ingest;

/// <summary>The ingest shards of a run and the quarantine beside them: finds those that are done, writes the others.</summary>
internal sealed class IngestShards(StageSite site, FlowContext flow)
{
    private const int FirstVersion = 1;
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The batch's shard, if it holds these rows but for their images, and as many were set aside; null if it does not.</summary>
    public async Task<ShardReference?> FindAsync(int batch, List<IngestRow> rows, int rejected, CancellationToken stop)
    {
        var footer = await ReadFooterAsync(Uri(batch), stop);
        if (footer is null || !IsOf(footer, Footer(batch, rows.Count, rejected)))
        {
            return null;
        }

        try
        {
            var there = await ShardFile.ReadAsync(
                site.Run.Store,
                Uri(batch),
                fields => [.. fields.Select(field => field.Name).Where(IsListed)],
                stop
            );
            var wanted = ShardRows.ToTable(rows);
            return ShardFile.HashOf(there) == ShardFile.HashOf(new ShardTable([.. wanted.Columns.Where(column => IsListed(column.Name))]))
                ? new ShardReference(site.Definition.Name, Uri(batch), footer.Content, rows.Count)
                : null;
        }
        catch (ShardDamagedException)
        {
            await site.Run.Store.DeleteAsync(Uri(batch), stop); // its footer is whole: it would be taken for done
            return null;
        }
    }

    /// <summary>The images that the batch's shard carries, by sample; none if there is no whole shard.</summary>
    public async Task<Dictionary<string, byte[]>> ImagesAsync(int batch, CancellationToken stop)
    {
        var images = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (await ReadFooterAsync(Uri(batch), stop) is null)
        {
            return images;
        }

        try
        {
            var there = await ShardFile.ReadAsync(site.Run.Store, Uri(batch), ["sample_id", "image"], stop);
            foreach (var (id, image) in there.Get<string>("sample_id").Zip(there.Get<byte[]?>("image")))
            {
                if (image is not null)
                {
                    images[id] = image;
                }
            }
        }
        catch (ShardDamagedException)
        {
            await site.Run.Store.DeleteAsync(Uri(batch), stop);
            images.Clear();
        }

        return images;
    }

    /// <summary>Writes the batch's shard, unless an equal one is there.</summary>
    public async Task<(ShardReference Shard, int Version, bool Reused)> WriteAsync(
        int batch,
        List<IngestRow> rows,
        int rejected,
        long started,
        CancellationToken stop
    )
    {
        var uri = Uri(batch);
        var table = ShardRows.ToTable(rows);
        var footer = Footer(batch, rows.Count, rejected);
        if (await ReadFooterAsync(uri, stop) is { } there && IsOf(there, footer) && there.Content == ShardFile.HashOf(table))
        {
            return (new ShardReference(site.Definition.Name, uri, there.Content, rows.Count), await VersionOfAsync(uri, stop), true);
        }

        var stamp = await ShardFile.WriteAsync(site.Run.Store, uri, table, footer, stop: stop);
        var version = flow.Versions.Stamp(FirstVersion);
        var log = WorkLog.Of(site.Definition.Name, batch, version, stamp.Rows, stamp.Bytes, started, site.Run.Clock);
        await log.WriteAsync(site.Run.Store, Path.ChangeExtension(uri, WorkLog.Ending), stop);
        return (new ShardReference(site.Definition.Name, uri, stamp.Content, rows.Count), version, false);
    }

    /// <summary>The topology version with which a batch whose shard is there is published: the one with which it was published first.</summary>
    public async Task<int> VersionOfAsync(string uri, CancellationToken stop)
    {
        var log = flow.Versions.IsPlain ? null : await WorkLog.FindAsync(site.Run.Store, Path.ChangeExtension(uri, WorkLog.Ending), stop);
        return log is null ? flow.Versions.Stamp(FirstVersion) : flow.Versions.Stands(FirstVersion, log.Version);
    }

    /// <summary>Brings the batch's quarantine file up to date: which files are no images may change while those that are stay the same.</summary>
    public async Task QuarantineAsync(int batch, List<QuarantineRow> rejected, CancellationToken stop)
    {
        var uri = string.Create(CultureInfo.InvariantCulture, $"quarantine/{site.Definition.Name}/{batch:D8}.json");
        if (rejected.Count == 0)
        {
            await site.Run.Store.DeleteAsync(uri, stop);
            return;
        }

        var text = JsonSerializer.SerializeToUtf8Bytes(rejected, Indented);
        var there = await site.Run.Store.ExistsAsync(uri, stop) ? await site.Run.Store.ReadAllAsync(uri, stop) : [];
        if (!text.SequenceEqual(there))
        {
            await site.Run.Store.WriteAsync(uri, text, stop);
        }
    }

    /// <summary>An input that has become shorter leaves batches of an earlier run behind; they are no part of this one.</summary>
    public async Task RemoveFromAsync(int batches, CancellationToken stop)
    {
        foreach (var folder in new[] { $"runs/{site.Run.Run}", "quarantine" })
        {
            foreach (var uri in await site.Run.Store.ListAsync(folder, stop))
            {
                var name = uri[(uri.LastIndexOf('/') + 1)..];
                if (
                    name.Length > 9
                    && name[8] == '.'
                    && int.TryParse(name.AsSpan(0, 8), NumberStyles.None, CultureInfo.InvariantCulture, out var batch)
                    && batch >= Math.Max(batches, 1)
                )
                {
                    await site.Run.Store.DeleteAsync(uri, stop);
                }
            }
        }
    }

    private string Uri(int batch) => ShardNames.Uri(site.Run.Run, site.Definition.Name, batch);

    private ShardFooter Footer(int batch, int rows, int rejected) =>
        new()
        {
            Stage = site.Definition.Name,
            Batch = batch,
            Fingerprint = flow.Fingerprint,
            Seed = site.Run.Seed,
            Extra = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["rows_in"] = Text(rows + rejected),
                ["quarantined"] = Text(rejected),
            },
        };

    /// <summary>Whether a column says what the listing and the index know: the bytes themselves and, where they were fetched, their length are not.</summary>
    private static bool IsListed(string column) => column is not ("image" or "length");

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static bool IsOf(ShardFooter there, ShardFooter wanted) =>
        there.Matches(wanted) && wanted.Extra.All(count => there.Extra.GetValueOrDefault(count.Key) == count.Value);

    private async Task<ShardFooter?> ReadFooterAsync(string uri, CancellationToken stop)
    {
        try
        {
            return await ShardFile.ReadFooterAsync(site.Run.Store, uri, stop);
        }
        catch (ShardDamagedException)
        {
            return null; // a shard that is not whole is not done
        }
    }
}
