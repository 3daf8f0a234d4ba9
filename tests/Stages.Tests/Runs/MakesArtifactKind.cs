using Pipeline.Messages;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs;

/// <summary>Makes an artifact, but only when every batch of the stage that it follows is done.</summary>
/// <param name="name">The kind's name, which is the artifact's uri too.</param>
/// <param name="artifact">The artifact's name.</param>
/// <param name="make">Writes it.</param>
internal sealed class MakesArtifactKind(string name, string artifact, Action<StageSite> make) : IRunnableKind
{
    public string Name => name;

    public Type Options => typeof(NoOptions);

    public int Version => 1;

    public string Makes => artifact;

    public IReadOnlyList<string> Needs => [];

    public IReadOnlyList<string> Reads => [];

    public IReadOnlyList<string> Adds => [];

    public StageForm Form => StageForm.Artifact;

    /// <summary>Makes the artifact <c>key</c> out of nothing.</summary>
    public static MakesArtifactKind Key() => new("key", "key", _ => { });

    public IEnumerable<string> Bindings(StageDefinition stage) => WholeStageRunner.Bindings(stage);

    public IStageRunner Create(StageSite site) =>
        new WholeStageRunner(
            site,
            () => "",
            async stop =>
            {
                make(site);
                await site.PublishEventAsync(
                    new ArtifactReady
                    {
                        Run = site.Run.Run,
                        Name = artifact,
                        Stage = site.Definition.Name,
                        Uri = name,
                        Content = name,
                    },
                    artifact,
                    stop
                );
                return new WholeResult(1, []);
            }
        );
}
