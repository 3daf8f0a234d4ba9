namespace Pipeline.Models.Hub;

/// <summary>Where models are looked for, in this order: a folder that the user names, the program's own cache, the Hugging Face cache; and what the program ships.</summary>
public sealed record ModelPlaces
{
    /// <summary>The variable that names a models folder where <c>--models</c> does not.</summary>
    public const string FolderVariable = "PIPELINE_MODELS";

    /// <summary>The folder of <c>--models</c> or <c>PIPELINE_MODELS</c>, laid out as <see cref="Cache"/>; null for none.</summary>
    public string? Given { get; init; }

    /// <summary>Whether <see cref="Given"/> is an argument, which a suggested command must repeat.</summary>
    public bool IsArgument { get; init; }

    /// <summary>The program's own cache, <c>org/name/revision</c> below it.</summary>
    public required string Cache { get; init; }

    /// <summary>The Hugging Face cache, <c>models--org--name/snapshots/revision</c> below it. Read, never written.</summary>
    public required string HubCache { get; init; }

    /// <summary>What the program ships, a folder a model.</summary>
    public required string BuiltIn { get; init; }

    /// <summary>The folders that models are put into and accepted licences noted in, the first first.</summary>
    public IEnumerable<string> Own => Given is null ? [Cache] : [Given, Cache];

    /// <summary>The places of this process.</summary>
    /// <param name="modelsFolder">What <c>--models</c> names; null for <c>PIPELINE_MODELS</c>, or no such folder.</param>
    public static ModelPlaces Of(string? modelsFolder)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var given = modelsFolder ?? Variable(FolderVariable);
        return new ModelPlaces
        {
            Given = given is null ? null : Path.GetFullPath(given),
            IsArgument = modelsFolder is not null,
            Cache = Path.Combine(home, ".cache", "pipeline", "models"),
            HubCache = Path.GetFullPath(
                Variable("HF_HUB_CACHE") ?? Path.Combine(Variable("HF_HOME") ?? Path.Combine(home, ".cache", "huggingface"), "hub")
            ),
            BuiltIn = Path.Combine(AppContext.BaseDirectory, "models"),
        };
    }

    /// <summary>A <c>pipeline models</c> command that works in these places.</summary>
    /// <param name="words">What follows <c>pipeline models</c>.</param>
    public string Command(string words) => $"pipeline models {words}{(IsArgument ? $" --models {Given}" : "")}";

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
