using System.Globalization;
using Pipeline.Stages.Failures;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Tests.Failures;

public sealed class FailureGroupTests
{
    [Fact]
    public void A_thousand_messages_of_one_kind_are_one_group()
    {
        var batches = Enumerable
            .Range(0, 1000)
            .Select(index =>
                Failed("edit", index, "IOException", $"Reading /data/{index:x8}/image-{index}.jpg ended after {index * 37} bytes.")
            );

        var groups = FailureGroup.Of(batches);

        groups.Should().ContainSingle().Which.Batches.Should().HaveCount(1000);
        groups[0].Pattern.Should().Be("Reading {path} ended after {n} bytes.");
    }

    [Theory]
    [InlineData("edit", "IOException", "The disk is slow.")]
    [InlineData("caption", "TimeoutException", "The disk is slow.")]
    [InlineData("caption", "IOException", "The disk is full.")]
    public void Another_stage_kind_or_message_is_another_group(string stage, string kind, string message)
    {
        var groups = FailureGroup.Of([Failed("caption", 0, "IOException", "The disk is slow."), Failed(stage, 1, kind, message)]);

        groups.Should().HaveCount(2);
        groups.Select(group => group.Id).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Largest_group_comes_first_and_tells_when_where_and_the_last_example()
    {
        FailedBatch[] batches =
        [
            Failed("caption", 7, "IOException", "alone"),
            Failed("edit", 1, "IOException", "twice", minute: 5, host: "two"),
            Failed("edit", 0, "IOException", "twice", minute: 3, host: "one"),
        ];

        var groups = FailureGroup.Of(batches);

        groups[0].Batches.Select(batch => batch.Record.Batch).Should().Equal(0, 1);
        groups[0].Example.Record.Batch.Should().Be(1);
        groups[0].Hosts.Should().Equal("one", "two");
        (groups[0].Last - groups[0].First).Should().Be(TimeSpan.FromMinutes(2));
    }

    private static FailedBatch Failed(string stage, int batch, string kind, string message, int minute = 0, string host = "host") =>
        new(
            batch.ToString(CultureInfo.InvariantCulture),
            new FailureRecord(stage, batch, kind, message, null, 1, "")
            {
                First = DateTimeOffset.UnixEpoch.AddMinutes(minute),
                Last = DateTimeOffset.UnixEpoch.AddMinutes(minute),
                Host = host,
            },
            null
        );
}
