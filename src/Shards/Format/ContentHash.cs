using System.IO.Hashing;
using System.Text;

namespace Pipeline.Shards.Format;

/// <summary>Content hash of a table, out of the digests of its columns.</summary>
internal static class ContentHash
{
    /// <summary>Type and digest of every column in order, as the footer keeps them: <c>string=0f…,int32?=1a…</c>.</summary>
    public static string Columns(ShardTable table) => string.Join(',', table.Columns.Select(column => $"{column.Type}={Digest(column)}"));

    public static string Digest(ShardColumn column)
    {
        var digest = new ColumnDigest();
        ColumnCodec.Of(column.Type.Kind).Hash(column, digest);
        return digest.Finish();
    }

    /// <summary>XxHash128 over the number of rows and, for each column, the length of its name, the name, type and digest; lower-case hex.</summary>
    public static string Of(IEnumerable<string> names, string columns, long rows)
    {
        var text = new StringBuilder().Append(rows).Append('\n');
        foreach (var (name, column) in names.Zip(columns.Split(',')))
            text.Append(name.Length).Append(':').Append(name).Append(' ').Append(column).Append('\n');
        return Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
