using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using ParquetSharp.Arrow;
using Pipeline.Stages.Export;
using Pipeline.Stages.Tests.Export.Card;

namespace Pipeline.Stages.Tests.Export;

/// <summary>Through Arrow's own C++ reader, which is pyarrow's too and by which <c>datasets</c> opens Parquet files.</summary>
public sealed class OpenByArrowTests : IDisposable
{
    private readonly CardRun run = new();

    public void Dispose() => run.Dispose();

    /// <summary>
    /// <c>datasets</c> gives a column its feature only where the feature's Arrow type is the column's, nullable
    /// (github.com/huggingface/datasets, src/datasets/features/features.py: <c>Features.from_arrow_schema</c>).
    /// </summary>
    [Fact]
    public async Task Each_column_is_of_the_type_that_its_feature_has_in_datasets()
    {
        await run.ExportAsync();

        using var reader = new FileReader(run.PathOf(run.Files[0]));
        var schema = reader.Schema;
        using var written = JsonDocument.Parse(schema.Metadata["huggingface"]);
        var features = written.RootElement.GetProperty("info").GetProperty("features").EnumerateObject().ToList();
        schema.FieldsList.Select(field => field.Name).Should().Equal(features.Select(feature => feature.Name));
        schema.FieldsList.Should().OnlyContain(field => field.IsNullable);
        schema.FieldsList.Select(field => TypeOf(field.DataType)).Should().Equal(features.Select(feature => TypeOf(feature.Value)));
        ((StructType)schema.FieldsList[0].DataType).Fields.Should().OnlyContain(field => field.IsNullable);
    }

    [Fact]
    public async Task Rows_of_all_row_groups_are_streamed()
    {
        await run.ExportAsync(new ExportOptions { RowGroupBytes = 1000 });

        using var reader = new FileReader(run.PathOf("train-00000-of-00001.parquet"));
        using var stream = reader.GetRecordBatchReader();
        var ids = new List<string>();
        while (await stream.ReadNextRecordBatchAsync(TestContext.Current.CancellationToken) is { } batch)
        {
            using (batch)
            {
                var column = (StringArray)batch.Column("sample_id");
                ids.AddRange(Enumerable.Range(0, column.Length).Select(row => column.GetString(row)));
            }
        }

        reader.NumRowGroups.Should().BeGreaterThan(1);
        ids.Should()
            .Equal(
                DuckDbReader.Query($"select sample_id from '{run.PathOf("train-00000-of-00001.parquet")}'").Select(row => (string)row[0]!)
            );
    }

    private static string TypeOf(IArrowType type) =>
        type switch
        {
            StructType fields => $"struct<{string.Join(", ", fields.Fields.Select(field => $"{field.Name}: {TypeOf(field.DataType)}"))}>",
            ListType list => $"list<{TypeOf(list.ValueDataType)}>",
            StringType => "string",
            BooleanType => "bool",
            FloatType => "float32",
            DoubleType => "float64",
            _ => type.Name,
        };

    private static string TypeOf(JsonElement feature) =>
        feature.GetProperty("_type").GetString() switch
        {
            "Image" => "struct<bytes: binary, path: string>",
            "ClassLabel" => "int64",
            "Sequence" => $"list<{TypeOf(feature.GetProperty("feature"))}>",
            _ => feature.GetProperty("dtype").GetString() ?? "",
        };
}
