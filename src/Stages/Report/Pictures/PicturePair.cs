using Pipeline.Models.Images;
using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Report.Pictures;

/// <summary>An edit beside its source, small.</summary>
/// <param name="Edit">The edit.</param>
/// <param name="Before">Its source; null when that is not where it was.</param>
/// <param name="After">The edit.</param>
public sealed record PicturePair(JudgedEdit Edit, Thumbnail? Before, Thumbnail After);
