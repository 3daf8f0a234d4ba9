using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Pipeline.Messages.Tests;

/// <summary>What the assembly says about its records.</summary>
internal static class Contracts
{
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(bool)] = "bool",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
    };

    /// <summary>Messages and their parts, by name.</summary>
    internal static IReadOnlyList<Type> Records { get; } =
    [
        .. typeof(Wire)
            .Assembly.GetExportedTypes()
            .Where(type => !(type.IsAbstract && type.IsSealed))
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    /// <summary>Records that are no field of another.</summary>
    internal static IReadOnlyList<Type> Messages { get; } =
    [.. Records.Except(Records.SelectMany(Fields).Select(field => Element(field.PropertyType) ?? field.PropertyType))];

    internal static string Text()
    {
        var text = new StringBuilder(
            "# Every record of Pipeline.Messages and its fields on the wire. Written by ContractsTests; see README.md.\n"
        );
        foreach (var record in Records)
        {
            text.Append('\n').Append(record.Name).Append('\n');
            foreach (var field in Fields(record))
            {
                text.Append("  ").Append(JsonNamingPolicy.CamelCase.ConvertName(field.Name)).Append(": ").Append(Name(field.PropertyType));
                text.Append(IsRequired(record, field) ? "\n" : ", optional\n");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<PropertyInfo> Fields(Type record) =>
        record.GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(field => field.MetadataToken);

    private static string Name(Type type) =>
        Element(type) is { } element ? $"{Name(element)}[]"
        : Records.Contains(type) ? type.Name
        : Names.TryGetValue(type, out var name) ? name
        : throw new InvalidOperationException(
            $"A field of a message is a {type}; it must be one of {string.Join(", ", Names.Values)}, a record, or a list of these. Use a plain type."
        );

    private static Type? Element(Type type) =>
        type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments().SingleOrDefault() : null;

    private static bool IsRequired(Type record, PropertyInfo field) =>
        field.IsDefined(typeof(RequiredMemberAttribute))
        || record
            .GetConstructors()
            .SelectMany(made => made.GetParameters())
            .Any(given => given.Name == field.Name && !given.HasDefaultValue);
}
