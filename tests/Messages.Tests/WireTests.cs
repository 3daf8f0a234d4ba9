using System.Text;
using CsCheck;

namespace Pipeline.Messages.Tests;

public sealed class WireTests
{
    private static readonly Gen<ShardReference> Shard = Gen.Select(
        Gen.String,
        Gen.String,
        Gen.String,
        Gen.Int,
        (stage, uri, content, rows) => new ShardReference(stage, uri, content, rows)
    );

    private static readonly Gen<BatchReady> Batch = Gen.Select(
        Gen.String,
        Gen.Int,
        Shard.Array[0, 4],
        Gen.Int,
        Gen.Bool,
        (run, number, shards, rows, reused) =>
            new BatchReady
            {
                Run = run,
                Version = number,
                Stage = run,
                Batch = number,
                Shards = shards,
                RowsIn = rows,
                Quarantined = number,
                Reused = reused,
            }
    );

    [Fact]
    public void Message_that_is_written_reads_as_the_same() =>
        Batch.Sample(message =>
        {
            var again = Wire.Read<BatchReady>(Wire.Write(message));

            return again with { Shards = message.Shards } == message && again.Shards.SequenceEqual(message.Shards);
        });

    [Fact]
    public void Names_are_camel_case_and_the_body_is_one_line()
    {
        var body = Encoding.UTF8.GetString(Wire.Write(new RunCompleted { Run = "r", FailedBatches = 2 }));

        body.Should().Be("""{"run":"r","failedBatches":2}""");
    }

    [Fact]
    public void Absent_optional_fields_have_their_defaults_and_unknown_ones_are_passed_over()
    {
        var body = """{"run":"r","version":1,"stage":"edit","batch":0,"shards":[],"rowsIn":3,"later":{"x":1}}"""u8;

        var message = Wire.Read<BatchReady>(body);

        message.RowsIn.Should().Be(3);
        message.Quarantined.Should().Be(0);
        message.Reused.Should().BeFalse();
    }

    [Theory]
    [InlineData("""{"run":"r"}""", "failedBatches")]
    [InlineData("""{"run":"r","failedBatches":"many"}""", "failedBatches")]
    [InlineData("""{"run":""", "RunCompleted")]
    [InlineData("", "RunCompleted")]
    [InlineData("null", "null; it must be a RunCompleted")]
    public void Body_that_is_no_such_message_is_an_error_that_says_why(string body, string why)
    {
        var reading = () => Wire.Read<RunCompleted>(Encoding.UTF8.GetBytes(body));

        reading.Should().Throw<InvalidDataException>().WithMessage($"*{why}*");
    }
}
