using System.Reflection;
using System.Text.Json;
using Pipeline.Sdk;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>One setting of a stage: a public property of its options that can be set.</summary>
/// <param name="Name">The key in the pipeline file: the property's name in camelCase.</param>
/// <param name="IsNullable">Whether the file may say <c>null</c>.</param>
/// <param name="Property">Where the value lies.</param>
internal sealed record StageOption(string Name, bool IsNullable, PropertyInfo Property)
{
    public const string Kind = "kind";

    public const string After = "after";

    /// <summary>The value's type, without <see cref="Nullable{T}"/>.</summary>
    public Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>Whether it stays out of the fingerprint.</summary>
    public bool IsContentNeutral => Property.IsDefined(typeof(ContentNeutralAttribute), inherit: true);

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
                    nullability.Create(property).WriteState == NullabilityState.Nullable,
                    property
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

    public object? Get(IStageOptions options) => Property.GetValue(options);

    public void Set(IStageOptions options, object? value) => Property.SetValue(options, value);
}
