namespace Pipeline.Stages.Runs;

/// <summary>A kind whose verdict may leave originals out of training and of the exported data set, and their edits with them.</summary>
/// <remarks>Its shards have <c>sample_id</c> and <c>verdict</c>, and where they have <c>variant_id</c> too, rows about originals have none. Any other verdict than
/// <c>keep</c> is a reason to leave the original out. Who would use originals must follow such a stage.</remarks>
public interface ISampleJudge : IRunnableKind;
