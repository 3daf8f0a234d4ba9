using Pipeline.Models.Procedural.Effects;

namespace Pipeline.Models.Procedural;

/// <summary>The table of what <see cref="ProceduralEditor"/> can do.</summary>
public static class ProceduralEffects
{
    /// <summary>Stands in <see cref="ProceduralEffect.Words"/> for the name of a colour.</summary>
    public const string ColourMark = "{colour}";

    /// <summary>Every effect, in the order in which several in one description are applied.</summary>
    public static IReadOnlyList<ProceduralEffect> All { get; } =
    [
        new(
            "dry ground",
            [
                "dry",
                "dry ground",
                "sandy ground",
                "brown ground",
                "cream ground",
                "orange ground",
                "yellow ground",
                "sand",
                "sandy",
                "dust",
                "dusty",
                "desert",
                "beach",
                "dune",
                "dunes",
                "arid",
                "parched",
                "savanna",
                "savannah",
            ],
            new EffectPass(EffectPhase.Ground, Grounds.Dry)
        ),
        new("coloured ground", ["{colour} ground"], new EffectPass(EffectPhase.Ground, Grounds.Coloured)),
        new(
            "grassy ground",
            ["grassy", "grassy ground", "grass", "lawn", "meadow", "pasture", "green ground", "green field"],
            new EffectPass(EffectPhase.Ground, Grounds.Grassy)
        ),
        new(
            "snowy ground",
            ["snowy ground", "snow covered", "snow on the ground", "white ground", "pale grey ground", "frost", "frosty", "frozen"],
            new EffectPass(EffectPhase.Ground, Grounds.Snowy)
        ),
        new(
            "wet ground",
            ["wet", "wet ground", "puddle", "puddles", "muddy", "mud", "flooded", "soaked", "swamp", "marsh"],
            new EffectPass(EffectPhase.Ground, WetGround.Paint)
        ),
        new("coloured sky", ["{colour} sky"], new EffectPass(EffectPhase.Surroundings, Surroundings.Sky)),
        new(
            "coloured background",
            ["{colour} background", "{colour} backdrop"],
            new EffectPass(EffectPhase.Surroundings, Surroundings.Background)
        ),
        new("overcast", ["overcast", "cloudy", "clouds", "grey day"], new EffectPass(EffectPhase.Surroundings, Surroundings.Overcast)),
        new(
            "daylight",
            ["daylight", "even light", "plain light", "day time", "daytime", "midday"],
            new EffectPass(EffectPhase.Light, Exposures.Daylight)
        ),
        new(
            "bright light",
            ["bright", "bright light", "sun", "sunny", "sunlit", "sunlight", "sunshine"],
            new EffectPass(EffectPhase.Light, Exposures.Bright)
        ),
        new(
            "over-exposure",
            ["over exposed", "overexposed", "over exposure", "overexposure", "glaring", "glare", "washed out", "blown out"],
            new EffectPass(EffectPhase.Light, Exposures.Over)
        ),
        new(
            "dim light",
            ["dim", "dim light", "low light", "shade", "shady", "shadow", "shadows", "gloomy"],
            new EffectPass(EffectPhase.Light, Exposures.Dim)
        ),
        new(
            "under-exposure",
            ["under exposed", "underexposed", "under exposure", "underexposure", "dark", "too dark", "darkness"],
            new EffectPass(EffectPhase.Light, Exposures.Under)
        ),
        new(
            "dusk",
            ["dusk", "sunset", "sunrise", "dawn", "twilight", "evening", "golden hour"],
            new EffectPass(EffectPhase.Light, Evening.Dusk)
        ),
        new("warm cast", ["warm", "warm light", "warm cast", "golden", "lamplight"], new EffectPass(EffectPhase.Light, Casts.Warm)),
        new("cool cast", ["cool", "cool light", "cool cast", "cold", "bluish"], new EffectPass(EffectPhase.Light, Casts.Cool)),
        new(
            "colour cast",
            ["{colour} cast", "{colour} tint", "{colour} tinge", "{colour} light", "{colour} tone", "{colour} filter"],
            new EffectPass(EffectPhase.Light, Casts.Coloured)
        ),
        new(
            "monochrome",
            ["monochrome", "greyscale", "grayscale", "black and white", "colourless", "infrared"],
            new EffectPass(EffectPhase.Light, Casts.Monochrome)
        ),
        new(
            "night",
            ["night", "nighttime", "night time", "nocturnal", "midnight", "moonlight", "moonlit", "in the dark"],
            new EffectPass(EffectPhase.Light, Evening.Night)
        ),
        new(
            "fog",
            ["fog", "foggy", "mist", "misty", "haze", "hazy", "smog", "smoke", "smoky"],
            new EffectPass(EffectPhase.Weather, Weather.Fog)
        ),
        new(
            "rain",
            ["rain", "rainy", "raining", "rainfall", "drizzle", "downpour", "shower", "storm", "stormy"],
            new EffectPass(EffectPhase.Ground, WetGround.PaintRained),
            new EffectPass(EffectPhase.Weather, Weather.Rain),
            new EffectPass(EffectPhase.Falling, Falling.Drops)
        ),
        new(
            "snow",
            ["snow", "snowy", "snowing", "snowfall", "snowstorm", "snowflakes", "blizzard", "winter", "wintry"],
            new EffectPass(EffectPhase.Ground, Grounds.Snowed),
            new EffectPass(EffectPhase.Weather, Weather.Snow),
            new EffectPass(EffectPhase.Falling, Falling.Flakes)
        ),
        new(
            "foliage in front",
            [
                "foliage",
                "leaves",
                "leaf",
                "leafy",
                "twigs",
                "bush",
                "bushes",
                "undergrowth",
                "vegetation",
                "reeds",
                "grass in front",
                "tall grass",
                "ferns",
            ],
            new EffectPass(EffectPhase.Foreground, Foliage.Paint)
        ),
        new(
            "low contrast",
            ["low contrast", "flat light", "faded", "pale light", "dull"],
            new EffectPass(EffectPhase.Camera, Camera.LowContrast)
        ),
        new(
            "high contrast",
            ["high contrast", "hard light", "harsh light", "harsh"],
            new EffectPass(EffectPhase.Camera, Camera.HighContrast)
        ),
        new(
            "blur",
            ["blur", "blurred", "blurry", "unsharp", "out of focus", "unfocused", "defocused"],
            new EffectPass(EffectPhase.Camera, Camera.Blur)
        ),
        new("noise", ["noise", "noisy", "grain", "grainy", "speckled"], new EffectPass(EffectPhase.Camera, Camera.Noise)),
    ];
}
