using Pipeline.Models.Images;
using Pipeline.Models.Tests.Images;
using Pipeline.Models.Tests.Procedural;

namespace Pipeline.Models.Tests.Safety;

/// <summary>Twenty images of many sizes: photographs of birds, edits of them and pictures by formula.</summary>
internal static class NsfwImages
{
    public static IReadOnlyList<(string Name, RgbImage Image)> All { get; } = [.. Make()];

    private static IEnumerable<(string Name, RgbImage Image)> Make()
    {
        for (var index = 0; index < Photographs.All.Count; index++)
        {
            yield return ($"photograph {index}", Photographs.All[index]);
        }

        // Of exactly the network's size, which is not resampled; larger; narrow; tiny.
        yield return ("photograph 0 at 224 x 224", ImageResize.To(Photographs.All[0], 224, 224));
        yield return ("photograph 1 at 640 x 427", ImageResize.To(Photographs.All[1], 640, 427));
        yield return ("photograph 2 at 97 x 411", ImageResize.To(Photographs.All[2], 97, 411));
        yield return ("photograph 3 at 12 x 9", ImageResize.To(Photographs.All[3], 12, 9));
        yield return ("photograph 4, snow", Photographs.Edited(Photographs.All[4], "in the snow"));
        yield return ("photograph 5, night", Photographs.Edited(Photographs.All[5], "at night"));
        yield return ("photograph 6 at 20 x 16", ImageResize.To(Photographs.All[6], 20, 16));
        yield return ("photograph 5 at 30 x 26", ImageResize.To(Photographs.All[5], 30, 26));
        yield return ("picture 3", Pictures.Photo(1024, 768, 3));
        yield return ("ramp", Photographs.Ramp(301, 173));
        yield return ("skin", Photographs.Plain(64, 64, 224, 172, 140));
        yield return ("black", Photographs.Plain(225, 223, 0, 0, 0));
        yield return ("one white pixel", Photographs.Plain(1, 1, 255, 255, 255));
    }
}
