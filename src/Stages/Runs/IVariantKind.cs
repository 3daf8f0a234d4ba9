namespace Pipeline.Stages.Runs;

/// <summary>A kind of stage that makes variants of training samples.</summary>
public interface IVariantKind : IRunnableKind
{
    /// <summary>Variants that the stage plans for each training sample. The artifacts that it needs must be ready.</summary>
    int VariantsEach(StageSite site);
}
