namespace Pipeline.Stages.Export.Formats;

/// <summary>The forms that a finished data set can be copied into.</summary>
public enum ExportFormat
{
    /// <summary>Tar files of images, each with its class, metadata and text under one key.</summary>
    WebDataset,

    /// <summary>A folder a split, in it a folder a class, and a table of all columns.</summary>
    ImageFolder,

    /// <summary>Images in one folder, and captions of each split as COCO has them.</summary>
    CocoCaptions,
}
