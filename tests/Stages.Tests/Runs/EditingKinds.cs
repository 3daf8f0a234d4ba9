using Pipeline.Stages.Caption;
using Pipeline.Stages.Describe;
using Pipeline.Stages.Edit;
using Pipeline.Stages.Export;
using Pipeline.Stages.Filter;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Select;

namespace Pipeline.Stages.Tests.Runs;

/// <summary>The stages from caption to export, with a classifier that needs no training.</summary>
internal static class EditingKinds
{
    public static IStageKind[] With(params IStageKind[] others) =>
        [
            new CaptionKind(),
            new DescribeKind(),
            new EditKind(),
            ConstantClassifier.Kind(),
            new FilterKind(),
            new SelectKind(),
            new ExportKind(),
            .. others,
        ];
}
