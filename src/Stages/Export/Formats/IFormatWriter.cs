namespace Pipeline.Stages.Export.Formats;

/// <summary>Writes a data set in one form.</summary>
internal interface IFormatWriter
{
    /// <summary>Writes some splits into an empty folder; equal data sets give equal files.</summary>
    Task<IReadOnlyList<FormatResult>> WriteAsync(ExportedDataSet data, IReadOnlyList<string> splits, string folder, CancellationToken stop);
}
