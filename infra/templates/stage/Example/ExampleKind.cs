using Pipeline.Sdk;

namespace Example;

/// <summary>What a pipeline file names.</summary>
public sealed class ExampleKind : StageKind<ExampleOptions, IngestedImage, byte[], double, ExampleRow>
{
    /// <inheritdoc/>
    public override string Name => "kind-name";

    /// <summary>Raise it whenever equal inputs and options give other output.</summary>
    public override int Version => 1;

    /// <inheritdoc/>
    public override IStage<IngestedImage, byte[], double, ExampleRow> Create(ExampleOptions options, StageContext context) =>
        new ExampleStage(options, context);
}
