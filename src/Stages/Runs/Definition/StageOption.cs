using System.Reflection;
using System.Text.Json;
using Pipeline.Sdk;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>One setting of a stage: a public property of its options that can be set.</summary>
/// <param name="Name">The key in the pipeline file: the property's name in camelCase.</param>
/// <param name="Type">The value's type, without <see cref="Nullable{T}"/>; <see cref="YamlValue"/> where only the file's text is known.</param>
/// <param name="IsNullable">Whether the file may say <c>null</c>.</param>
/// <param name="IsContentNeutral">Whether it stays out of the fingerprint.</param>
/// <param name="IsAddedLater">Whether it stays out of the fingerprint at its default.</param>
/// <param name="Get">Reads the value.</param>
/// <param name="Set">Changes the value.</param>
internal sealed record StageOption(
    string Name,
    Type Type,
    bool IsNullable,
    bool IsContentNeutral,
    bool IsAddedLater,
    Func<IStageOptions, object?> Get,
    Action<IStageOptions, object?> Set
)
{
    public const string Kind = "kind";

    public const string After = "after";

    /// <summary>The settings that these options have, in ordinal order of names.</summary>
    /// <exception cref="ArgumentException">The type is no readable record of options: a fault of the program.</exception>
    public static IReadOnlyList<StageOption> Of(IStageOptions options) =>
        options is ForeignOptions foreign ? [.. foreign.Names.Select(Foreign)] : Of(options.GetType());

    /// <summary>The setting of that name; null where these options have none.</summary>
    public static StageOption? Find(IStageOptions options, string name)
    {
        if (options is not ForeignOptions)
        {
            return Of(options).FirstOrDefault(option => option.Name == name);
        }

        return ForeignOptions.IsGood(name) ? Foreign(name) : null;
    }

    /// <summary>The settings that decide what a stage writes, in ordinal order of names: those that were added later only where they differ from their default.</summary>
    public static IEnumerable<StageOption> Deciding(IStageOptions options)
    {
        var defaults = new Lazy<object?>(() => Activator.CreateInstance(options.GetType()));
        return Of(options)
            .Where(option =>
                !option.IsContentNeutral
                && !(
                    option.IsAddedLater
                    && defaults.Value is IStageOptions plain
                    && OptionValue.Text(option.Get(plain)) == OptionValue.Text(option.Get(options))
                )
            );
    }

    /// <summary>The settings of a record of options, in ordinal order of names.</summary>
    /// <exception cref="ArgumentException">The type is no readable record of options: a fault of the program.</exception>
    public static IReadOnlyList<StageOption> Of(Type options)
    {
        if (!options.IsAssignableTo(typeof(IStageOptions)) || options.GetConstructor(Type.EmptyTypes) is null)
        {
            throw new ArgumentException($"{options} is no record of options; it must be an IStageOptions that is made without arguments.");
        }

        var nullability = new NullabilityInfoContext();
        StageOption[] all =
        [
            .. options
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.SetMethod is { IsPublic: true })
                .Select(property => new StageOption(
                    JsonNamingPolicy.CamelCase.ConvertName(property.Name),
                    Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType,
                    nullability.Create(property).WriteState == NullabilityState.Nullable,
                    property.IsDefined(typeof(ContentNeutralAttribute), inherit: true),
                    property.IsDefined(typeof(AddedLaterAttribute), inherit: true),
                    property.GetValue,
                    property.SetValue
                ))
                .OrderBy(option => option.Name, StringComparer.Ordinal),
        ];
        var wrong = Array.Find(all, option => option.Name is Kind or After || !OptionValue.IsReadable(option.Type));
        return wrong is null
            ? all
            : throw new ArgumentException(
                $"The option {wrong.Name} of {options} is a {wrong.Type}; it must be named neither kind nor after, and be a bool, int, long, "
                    + "double, string, enum or TimeSpan, or a read-only list of such. Change the property."
            );
    }

    private static StageOption Foreign(string name) =>
        new(
            name,
            typeof(YamlValue),
            IsNullable: true,
            IsContentNeutral: false,
            IsAddedLater: false,
            options => ((ForeignOptions)options)[name],
            (options, value) => ((ForeignOptions)options)[name] = (YamlValue?)value
        );
}
