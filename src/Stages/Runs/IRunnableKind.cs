using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>How a kind of stage takes part in a run.</summary>
public enum StageForm
{
    /// <summary>Lists the input and cuts it into batches.</summary>
    Source,

    /// <summary>Works through each batch's rows.</summary>
    Rows,

    /// <summary>Looks at batches and makes an artifact.</summary>
    Artifact,

    /// <summary>Works once, over the whole run, when the stages it follows are drained.</summary>
    Whole,
}

/// <summary>A kind of stage that a run can serve.</summary>
public interface IRunnableKind : IStageKind
{
    /// <summary>How it takes part.</summary>
    StageForm Form { get; }

    /// <summary>The routing patterns by which its queue is bound whatever the version of the topology; of a stage that works through rows, besides the batches of those that it follows.</summary>
    IEnumerable<string> Bindings(StageDefinition stage);

    /// <summary>Makes what serves one stage of this kind; called when the artifacts it needs are ready.</summary>
    IStageRunner Create(StageSite site);
}

/// <summary>Serves one stage of a run, from its queue.</summary>
public interface IStageRunner : IAsyncDisposable
{
    /// <summary>Connects the consumer; from now on messages are worked on, until it is disposed.</summary>
    Task StartAsync(CancellationToken stop);

    /// <summary>Takes nothing more, and returns when what it took is finished and settled, or when <paramref name="limit"/> is cancelled; disposing it gives the rest back.</summary>
    /// <remarks>Where work that is given up is begun again by whoever leads the run next, there is nothing to wait for.</remarks>
    Task DrainAsync(CancellationToken limit) => Task.CompletedTask;

    /// <summary>Steps of its work in all, and what one is called, where they are not batches (<c>epoch</c>, for training); null otherwise.</summary>
    (int Done, int Total, string Name)? Steps => null;
}
