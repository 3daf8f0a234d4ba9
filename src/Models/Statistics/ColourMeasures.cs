namespace Pipeline.Models.Statistics;

/// <summary>Colour by region, from every second cell of a large grid.</summary>
internal sealed record ColourMeasures(
    double Colourfulness,
    double LeastWarmth,
    double MostWarmth,
    double MeanWarmth,
    string Background,
    string Upper,
    string Lower,
    double Split,
    double UpperLightness
)
{
    // From this many cells along the longer edge every second one tells the same.
    private const int Dense = 96;

    // The labelled thing is mostly in the middle; the border is a sixth of the picture on each side.
    private const double Border = 1.0 / 6;
    private const double Quarter = 0.25;
    private const double SideColumns = 0.3;

    public static ColourMeasures Of(PixelGrid grid)
    {
        var step = Math.Max(grid.Width, grid.Height) > Dense ? 2 : 1;
        var whole = new Region();
        var border = new Region();
        var upper = new Region();
        var lower = new Region();
        var warmth = new List<double>(grid.Luma.Length);
        double chroma = 0;
        for (var y = 0; y < grid.Height; y += step)
        {
            var v = (y + 0.5) / grid.Height;
            for (var x = 0; x < grid.Width; x += step)
            {
                var u = (x + 0.5) / grid.Width;
                var p = (y * grid.Width + x) * 3;
                var colour = LabColour.From(grid.Pixels[p], grid.Pixels[p + 1], grid.Pixels[p + 2]);
                chroma += colour.Chroma;
                warmth.Add(colour.BlueYellow);
                var aside = u <= SideColumns || u >= 1 - SideColumns;
                whole.Add(colour, true);
                border.Add(colour, u <= Border || u >= 1 - Border || v <= Border || v >= 1 - Border);
                upper.Add(colour, aside && v <= Quarter);
                lower.Add(colour, aside && v >= 1 - Quarter);
            }
        }

        warmth.Sort();
        // A strip so thin that it has no cell in a region is named by all of it.
        var most = border.Count > 0 ? border : whole;
        var top = upper.Count > 0 ? upper : whole;
        var bottom = lower.Count > 0 ? lower : whole;
        return new ColourMeasures(
            chroma / warmth.Count,
            warmth[warmth.Count / 10],
            warmth[warmth.Count * 9 / 10],
            warmth.Average(),
            most.Name,
            top.Name,
            bottom.Name,
            Math.Sqrt(top.Mean.SquaredDistance(bottom.Mean)),
            top.Mean.Lightness
        );
    }

    /// <summary>Sum and votes of the cells of one region.</summary>
    private sealed class Region
    {
        private readonly int[] votes = new int[ColourNames.All.Count];
        private double lightness;
        private double greenRed;
        private double blueYellow;

        public int Count { get; private set; }

        public LabColour Mean => new(lightness / Count, greenRed / Count, blueYellow / Count);

        /// <summary>The colour with most votes; the earlier in the table of equal ones.</summary>
        public string Name => ColourNames.All[Array.IndexOf(votes, votes.Max())].Name;

        public void Add(LabColour colour, bool inside)
        {
            if (!inside)
            {
                return;
            }

            Count++;
            lightness += colour.Lightness;
            greenRed += colour.GreenRed;
            blueYellow += colour.BlueYellow;
            votes[ColourNames.Nearest(colour)]++;
        }
    }
}
