using Pipeline.Stages.Flow;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Runs;

public sealed class StageDisposalTests : IDisposable
{
    private readonly ServedRun run = new(1)
    {
        Clock = new ShortPauses(),
        Precautions = kind => new Precautions { DisposeLimit = kind.Name == "word" ? TimeSpan.FromSeconds(10) : null },
    };
    private readonly ManualResetEventSlim released = new();

    public void Dispose()
    {
        released.Set(); // not disposed: a thread that was left behind waits for it
        run.Dispose();
    }

    [Fact]
    public async Task Stage_that_never_lets_go_is_left_behind_after_its_limit_and_people_are_told()
    {
        await using var transport = new EmbeddedTransport();

        await StageDisposal.DisposeAsync(new Disposed(released.Wait), Site("word", transport)).WaitAsync(TimeSpan.FromSeconds(20));

        run.Notices.Should().ContainSingle().Which.Should().StartWith("word could not be disposed within 10 s; it must let go by then.");
    }

    [Fact]
    public async Task What_a_stage_throws_when_it_is_disposed_is_told_and_goes_no_further()
    {
        await using var transport = new EmbeddedTransport();

        await StageDisposal.DisposeAsync(new Disposed(() => throw new ArithmeticException("odd")), Site("word", transport));

        run.Notices.Should().ContainSingle().Which.Should().StartWith("word threw when it was disposed: ArithmeticException: odd.");
    }

    [Fact]
    public async Task Stage_without_a_limit_is_waited_for()
    {
        await using var transport = new EmbeddedTransport();
        var disposing = Task.Run(() => StageDisposal.DisposeAsync(new Disposed(released.Wait), Site("ingest", transport)));
        var early = await Task.WhenAny(disposing, Task.Delay(TimeSpan.FromMilliseconds(300))) == disposing;

        released.Set();
        await disposing.WaitAsync(TimeSpan.FromSeconds(20));

        early.Should().BeFalse();
        run.Notices.Should().BeEmpty();
    }

    private StageSite Site(string stage, EmbeddedTransport transport)
    {
        var catalog = new StageCatalog([new IngestKind(), new WordKind("word", uri => uri)]);
        var pipeline = PipelineFile.Read("pipeline: p\nstages:\n  ingest: {}\n  word: {}\n", "test", catalog, []);
        var site = run.Site(pipeline, transport, new BatchCredits(1));
        return new StageSite(site, pipeline.Stages.Single(one => one.Name == stage), new StageMeter());
    }

    private sealed class Disposed(Action dispose) : IDisposable
    {
        public void Dispose() => dispose();
    }
}
