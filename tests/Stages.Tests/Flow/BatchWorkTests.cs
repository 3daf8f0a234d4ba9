using System.Globalization;
using Pipeline.Messages;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>Which rows of a batch are set aside, and when the batch fails.</summary>
public sealed class BatchWorkTests
{
    [Fact]
    public async Task One_row_that_cannot_be_prepared_is_set_aside_and_its_neighbours_are_written_in_their_order()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout { Unpreparable = word => word == "?" });

        await site.PublishAsync(3, "one", "?", "three");

        var ready = await site.NextAsync<BatchReady>();
        (ready.RowsIn, ready.Quarantined, ready.Shards[^1].Rows, ready.Reused).Should().Be((3, 1, 2, false));
        (await site.TextsAsync(3)).Should().Equal("ONE", "THREE");
        site.Quarantine(3)
            .Should()
            .Equal(new QuarantineRow("3-1", null, "shout", 3, "FormatException", "? is not a word; it must be one.", "3-1.txt"));
        var footer = await site.FooterAsync(3);
        footer.Extra.Should().Contain("rows_in", "3").And.Contain("quarantined", "1");
    }

    [Fact]
    public async Task One_row_whose_result_cannot_be_finished_is_set_aside()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout { Unfinishable = word => word == "two" });

        await site.PublishAsync(0, "one", "two", "three");

        (await site.NextAsync<BatchReady>()).Quarantined.Should().Be(1);
        (await site.TextsAsync(0)).Should().Equal("ONE", "THREE");
        site.Quarantine(0).Select(row => (row.SampleId, row.Kind)).Should().Equal(("0-1", "NotSupportedException"));
    }

    [Fact]
    public async Task One_item_that_the_model_refuses_is_set_aside_alone()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout { Refused = word => word == "f" };
        await using var graph = await site.StartAsync(stage, new FlowOptions(8, 2, 1, 4));

        await site.PublishAsync(0, "a", "b", "c", "d", "e", "f", "g", "h");

        (await site.NextAsync<BatchReady>()).Quarantined.Should().Be(1);
        (await site.TextsAsync(0)).Should().Equal("A", "B", "C", "D", "E", "G", "H");
        site.Quarantine(0).Select(row => (row.SampleId, row.Message)).Should().Equal(("0-5", "f cannot be shouted."));
        stage.Calls.Count.Should().BeLessThanOrEqualTo(7);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Few_guilty_samples_of_64_are_found_in_few_calls_and_all_others_are_kept(int guilty)
    {
        var random = new Random(5);
        for (var round = 0; round < 8; round++)
        {
            await using var site = await FlowSite.OpenAsync();
            var words = Enumerable.Range(0, 64).Select(row => $"w{row}").ToArray();
            var places = random
                .GetItems(Enumerable.Range(0, 64 / guilty).ToArray(), guilty)
                .Select((place, index) => place + (64 / guilty * index))
                .ToHashSet();
            var stage = new Shout { Refused = word => places.Contains(int.Parse(word[1..], CultureInfo.InvariantCulture)) };
            await using var graph = await site.StartAsync(stage, new FlowOptions(MicroBatch: 64, Workers: 1, Lanes: 1, Prefetch: 1));

            await site.PublishAsync(0, words);

            var ready = await site.NextAsync<BatchReady>();
            (ready.RowsIn, ready.Quarantined, ready.Shards[^1].Rows).Should().Be((64, guilty, 64 - guilty));
            site.Quarantine(0)
                .Should()
                .BeEquivalentTo(
                    places.Select(place => new QuarantineRow(
                        $"0-{place}",
                        null,
                        "shout",
                        0,
                        "ArithmeticException",
                        $"w{place} cannot be shouted.",
                        $"0-{place}.txt"
                    ))
                );
            stage.Calls.Count.Should().BeLessThanOrEqualTo((guilty * 2 * 6) + 1);
        }
    }

    [Fact]
    public async Task One_of_a_rows_items_is_set_aside_by_its_variant_and_the_others_are_written()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout { Refused = word => word == "b" });

        await site.PublishAsync(0, "a+b+c", "d");

        var ready = await site.NextAsync<BatchReady>();
        (ready.RowsIn, ready.Quarantined).Should().Be((2, 1));
        (await site.TextsAsync(0)).Should().Equal("A", "C", "D");
        site.Quarantine(0).Select(row => row.VariantId).Should().Equal("0-0-1");
    }

    [Fact]
    public async Task A_model_that_refuses_every_item_of_a_batch_fails_it_with_the_first_error()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout { Refused = word => word.StartsWith('x') });

        await site.PublishAsync(0, "x1", "x2", "x3");
        var failed = await site.NextAsync<BatchFailed>();
        await site.PublishAsync(1, "one");
        var ready = await site.NextAsync<BatchReady>();

        (failed.Batch, failed.Error, failed.Message).Should().Be((0, "ArithmeticException", "x1 cannot be shouted."));
        ready.Batch.Should().Be(1);
        File.Exists(site.QuarantineFile(0)).Should().BeFalse();
        File.Exists(site.Shard(0)).Should().BeFalse();
    }

    [Fact]
    public async Task The_only_item_of_a_batch_is_set_aside_when_the_model_refuses_it()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout { Refused = word => word == "x", Unpreparable = word => word == "?" });

        await site.PublishAsync(0, "x", "?");

        (await site.NextAsync<BatchReady>()).Quarantined.Should().Be(2);
        (await site.RowsAsync(0)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(64)]
    public async Task Failed_or_set_aside_does_not_depend_on_how_calls_are_cut(int microBatch)
    {
        await using var site = await FlowSite.OpenAsync();
        for (var batch = 0; batch < 6; batch++)
        {
            // Even batches are refused whole; odd ones but for their first word. At most sizes the last call holds refused words only.
            await site.PublishAsync(batch, batch % 2 == 0 ? "x" : "good", "x", "x", "x", "x");
        }

        await using var graph = await site.StartAsync(new Shout { Refused = word => word == "x" }, new FlowOptions(microBatch, 2, 1, 6));

        await AllSettledAsync(site, 6);
        Enumerable.Range(0, 6).Select(batch => File.Exists(site.FailedFile(batch))).Should().Equal(true, false, true, false, true, false);
        Enumerable.Range(0, 6).Select(batch => site.Quarantine(batch).Length).Should().Equal(0, 4, 0, 4, 0, 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public async Task A_wrong_number_of_results_fails_the_batch(int count)
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout { Results = _ => [.. Enumerable.Repeat("one", count)] });

        await site.PublishAsync(0, "one", "two", "three");

        var failed = await site.NextAsync<BatchFailed>();
        failed.Message.Should().Be($"The model gave {count} results for 1 items; it must give one each. Correct the backend.");
    }

    [Fact]
    public async Task Null_in_place_of_items_of_a_result_or_of_a_row_is_set_aside_and_not_lost()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout
        {
            Items = items => items is [{ Value: "items" }] ? null! : items,
            Results = results => [.. results.Select(result => result == "RESULT" ? null! : result)],
            Row = row => row.Text == "ROW" ? null! : row,
        };
        await using var graph = await site.StartAsync(stage);

        await site.PublishAsync(0, "items", "result", "row", "right");

        (await site.NextAsync<BatchReady>()).Quarantined.Should().Be(3);
        (await site.TextsAsync(0)).Should().Equal("RIGHT");
        site.Quarantine(0)
            .Select(row => row.Message)
            .Should()
            .Equal(
                "Prepare gave null; it must give items. Correct the stage.",
                "The model gave null for an item; it must give a result. Correct the backend.",
                "Finish gave null; it must give a row. Correct the stage."
            );
    }

    private static async Task AllSettledAsync(FlowSite site, int batches)
    {
        for (var batch = 0; batch < batches; batch++)
        {
            await site.NextAsync();
        }

        await site.DepthAsync(0, 0);
    }
}
