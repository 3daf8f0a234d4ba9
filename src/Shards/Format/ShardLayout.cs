using Parquet.Schema;

namespace Pipeline.Shards.Format;

/// <summary>The Parquet schema of a table: a field a column, and a struct for columns such as <c>image.bytes</c> and <c>image.path</c>.</summary>
internal static class ShardLayout
{
    /// <summary>The schema; its leaves are in the order of the columns.</summary>
    public static ParquetSchema Schema(ShardTable table)
    {
        var fields = new List<Field>();
        var columns = table.Columns;
        for (var index = 0; index < columns.Count; )
        {
            if (ShardNames.Nested(columns[index].Name) is not { } nested)
            {
                fields.Add(Declare(columns[index], columns[index].Name));
                index++;
                continue;
            }

            var children = new List<Field>();
            while (index < columns.Count && ShardNames.Nested(columns[index].Name) is { } next && next.Group == nested.Group)
                children.Add(Declare(columns[index++], next.Field));
            fields.Add(new StructField(nested.Group, [.. children]));
        }

        return new ParquetSchema(fields);
    }

    /// <summary>Column names of a file's schema, in the order of its leaves.</summary>
    public static IEnumerable<string> Names(ParquetSchema schema)
    {
        foreach (var field in schema.Fields)
        {
            if (field is StructField group)
            {
                foreach (var child in group.Fields)
                    yield return $"{group.Name}.{child.Name}";
            }
            else
            {
                yield return field.Name;
            }
        }
    }

    private static Field Declare(ShardColumn column, string name) => ColumnCodec.Of(column.Type.Kind).Declare(name, column.Type.Nullable);
}
