namespace Pipeline.Shards.Tests;

internal static class Footers
{
    public static ShardFooter Caption { get; } =
        new()
        {
            Stage = "caption",
            Batch = 7,
            Fingerprint = "c0ffee",
            CallSize = 16,
            Seed = -3,
            Parents = [new ShardParent("ingest", "00ff"), new ShardParent("edit", "11ee")],
        };
}
