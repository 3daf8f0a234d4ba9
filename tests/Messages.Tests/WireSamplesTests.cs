using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;

namespace Pipeline.Messages.Tests;

/// <summary>Holds every sample of <c>src/Messages/Wire</c>, named <c>{message}.{version}.json</c>, against the record of today.</summary>
public sealed class WireSamplesTests
{
    private static readonly string Folder = Path.Combine(Repository.Messages, "Wire");

    public static TheoryData<string> Samples() => [.. Files()];

    [Fact]
    public void Every_message_has_samples_from_version_one_on_and_every_sample_is_of_a_message()
    {
        var samples = Files().Select(Parse).GroupBy(sample => sample.Message, sample => sample.Version).ToList();

        samples.Select(sample => sample.Key).Should().BeEquivalentTo(Contracts.Messages.Select(type => type.Name));
        samples.Should().OnlyContain(sample => sample.Order().SequenceEqual(Enumerable.Range(1, sample.Count())));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Sample_still_reads_and_keeps_every_field_when_it_is_written_again(string file)
    {
        var sample = Document(file);

        var again = ReadAndWrite(file);

        foreach (var (name, value) in sample)
        {
            JsonNode.DeepEquals(again[name], value).Should().BeTrue("{0} is {1} in the sample", name, value);
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Newest_sample_of_a_message_has_every_field(string file)
    {
        var (message, _) = Parse(file);
        var newest = Files().Where(other => Parse(other).Message == message).MaxBy(other => Parse(other).Version)!;

        var again = ReadAndWrite(newest);

        JsonNode.DeepEquals(again, Document(newest)).Should().BeTrue("{0} is written as {1}", newest, again);
    }

    private static string[] Files() => [.. Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static (string Message, int Version) Parse(string file)
    {
        var parts = file.Split('.');
        return parts is [var message, var version, "json"]
            ? (message, int.Parse(version, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The sample is named {file}; it must be named MESSAGE.VERSION.json. Rename it.");
    }

    private static JsonObject Document(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, file)))!.AsObject();

    private static JsonObject ReadAndWrite(string file)
    {
        var type = Contracts.Messages.Single(message => message.Name == Parse(file).Message);
        var copy = typeof(WireSamplesTests).GetMethod(nameof(Copy), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type);
        var written = (byte[])copy.Invoke(null, [File.ReadAllText(Path.Combine(Folder, file))])!;
        return JsonNode.Parse(written)!.AsObject();
    }

    private static byte[] Copy<T>(string sample) => Wire.Write(Wire.Read<T>(Encoding.UTF8.GetBytes(sample)));
}
