namespace Pipeline.Models.Clip;

/// <summary>The nonlinearity of a tower's layers.</summary>
public enum ClipActivation
{
    /// <summary><c>x · sigmoid(1.702 x)</c>, of OpenAI's weights.</summary>
    QuickGelu,

    /// <summary>The exact Gaussian error linear unit, of LAION's weights.</summary>
    Gelu,
}

/// <summary>Sizes that both towers have.</summary>
/// <param name="Width">Values of a position's state, <c>hidden_size</c>.</param>
/// <param name="Hidden">Values inside the two-layer perceptron, <c>intermediate_size</c>.</param>
/// <param name="Layers">Layers.</param>
/// <param name="Heads">Attention heads; they divide <paramref name="Width"/>.</param>
/// <param name="Epsilon">What layer normalisation adds to the variance.</param>
/// <param name="Activation">The nonlinearity.</param>
public sealed record ClipTower(int Width, int Hidden, int Layers, int Heads, double Epsilon, ClipActivation Activation);

/// <summary>The text tower.</summary>
/// <param name="Tower">Its layers.</param>
/// <param name="Vocabulary">Rows of the embedding table.</param>
/// <param name="Positions">The most tokens of a text with its start and end; 77 in every published model.</param>
/// <param name="EndToken">The id whose first place is pooled; 2 stands for the highest id, as transformers has it for files from before 2023.</param>
public sealed record ClipTextConfig(ClipTower Tower, int Vocabulary, int Positions, int EndToken)
{
    /// <summary>The value of <c>eos_token_id</c> in files from before the field meant anything.</summary>
    public const int LegacyEndToken = 2;
}

/// <summary>The vision tower.</summary>
/// <param name="Tower">Its layers.</param>
/// <param name="ImageSize">Pixels of the input's sides.</param>
/// <param name="PatchSize">Pixels of a patch's sides.</param>
public sealed record ClipVisionConfig(ClipTower Tower, int ImageSize, int PatchSize)
{
    /// <summary>States in the tower: one a patch and one for the class.</summary>
    public int Positions => ImageSize / PatchSize * (ImageSize / PatchSize) + 1;
}

/// <summary>Both towers of a CLIP model, as its <c>config.json</c> in transformers' form says.</summary>
/// <remarks>Defaults are those of transformers 4.32 <c>models/clip/configuration_clip.py</c> (Apache-2.0), which writes only what differs from them.</remarks>
/// <param name="Text">The text tower.</param>
/// <param name="Vision">The vision tower.</param>
/// <param name="Dimension">Values of an embedding, <c>projection_dim</c>.</param>
public sealed record ClipConfig(ClipTextConfig Text, ClipVisionConfig Vision, int Dimension)
{
    /// <summary>The file beside the weights.</summary>
    public const string FileName = "config.json";

    /// <summary>What was trained, for example <c>clip ViT-L/14 224 quick_gelu</c>.</summary>
    public string Architecture
    {
        get
        {
            var size = (Vision.Tower.Width, Vision.Tower.Layers) switch
            {
                (768, 12) => "ViT-B",
                (1024, 24) => "ViT-L",
                (1280, 32) => "ViT-H",
                var (width, layers) => $"ViT-{width}x{layers}",
            };
            var activation = Vision.Tower.Activation == ClipActivation.QuickGelu ? "quick_gelu" : "gelu";
            return $"clip {size}/{Vision.PatchSize} {Vision.ImageSize} {activation}";
        }
    }

    /// <summary>Reads <c>config.json</c> of a folder.</summary>
    /// <exception cref="InvalidDataException">The file is missing or broken, of another family, or has a field that would change the result and is not known.</exception>
    public static ClipConfig Read(string folder)
    {
        ModelFamily.MustBe(folder, ModelFamily.Clip);
        return ClipConfigReader.Read(ConfigObject.Read(System.IO.Path.Combine(folder, FileName)));
    }
}
