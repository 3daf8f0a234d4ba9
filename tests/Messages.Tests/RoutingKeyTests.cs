namespace Pipeline.Messages.Tests;

/// <summary>The names on the bus are a contract: a stage in another language makes them itself.</summary>
public sealed class RoutingKeyTests
{
    [Fact]
    public void Batch_is_published_under_version_and_stage()
    {
        var key = RoutingKey.Batch(12, "caption");

        key.Should().Be("12.caption");
    }

    [Fact]
    public void Event_is_published_under_its_message_and_subject()
    {
        var key = RoutingKey.Event(nameof(ArtifactReady), "domains");

        key.Should().Be("event.ArtifactReady.domains");
    }

    [Fact]
    public void Exchange_and_queues_are_named_after_the_run()
    {
        var names = (RoutingKey.Exchange("r1"), RoutingKey.Queue("r1", "edit"));

        names.Should().Be(("run.r1", "run.r1.edit"));
    }

    [Fact]
    public void Header_that_carries_the_type_keeps_its_name()
    {
        var header = Wire.TypeHeader;

        header.Should().Be("pipeline-type");
    }
}
