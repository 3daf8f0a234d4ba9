namespace Pipeline.Models.Safety;

/// <summary>Opens safety checkers.</summary>
public static class SafetyCheckers
{
    /// <summary>Opens the checker that a folder holds, as its config.json says.</summary>
    /// <param name="folder">A model's folder.</param>
    /// <param name="settings">How it works.</param>
    /// <exception cref="InvalidDataException">The folder holds no checker that is known, or a file of it is broken; the message says which.</exception>
    /// <exception cref="FileNotFoundException">There are no weights; the message says which were looked for.</exception>
    public static ISafetyChecker Open(string folder, SafetySettings settings)
    {
        if (StableDiffusionSafetyChecker.IsIn(folder))
        {
            return StableDiffusionSafetyChecker.Open(folder, settings);
        }

        return
            ConfigObject.Read(Path.Combine(folder, "config.json")).Raw("model_type") is { } type
            && type.ToString() == NsfwClassifier.ModelType
            ? NsfwClassifier.Open(folder, settings)
            : throw new InvalidDataException(
                $"{folder} holds {ModelFamily.Of(folder)}; supported as safety checkers are {NsfwClassifier.ModelType} (model_type in config.json) and "
                    + $"{StableDiffusionSafetyChecker.ClassName} (architectures). Name one of these."
            );
    }
}
