using System.Collections;
using System.Globalization;
using System.Text;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>Options as text and back: what a pipeline file may hold for each type.</summary>
internal static class OptionValue
{
    private static readonly (string Suffix, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond),
        ("min", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("h", TimeSpan.TicksPerHour),
    ];

    public static bool IsReadable(Type type) =>
        (ElementOf(type) ?? type) is var scalar
        && (
            scalar.IsEnum
            || scalar == typeof(bool)
            || scalar == typeof(int)
            || scalar == typeof(long)
            || scalar == typeof(double)
            || scalar == typeof(string)
            || scalar == typeof(TimeSpan)
        );

    public static bool IsList(Type type) => ElementOf(type) is not null;

    /// <summary>The value that the file gives; false when it is of another type than the option.</summary>
    public static bool TryRead(StageOption option, YamlValue value, out object? result)
    {
        result = null;
        if (value is YamlText { IsNull: true })
        {
            return option.IsNullable;
        }

        if (option.Type == typeof(YamlValue))
        {
            result = value is YamlText || (value is YamlList all && all.Items.All(item => item is YamlText)) ? value : null;
            return result is not null;
        }

        if (ElementOf(option.Type) is not { } element)
        {
            result = value is YamlText text ? Scalar(option.Type, text) : null;
            return result is not null;
        }

        if (value is not YamlList list)
        {
            return false;
        }

        var items = Array.CreateInstance(element, list.Items.Count);
        for (var index = 0; index < items.Length; index++)
        {
            if (list.Items[index] is not YamlText text || Scalar(element, text) is not { } item)
            {
                return false;
            }

            items.SetValue(item, index);
        }

        result = items;
        return true;
    }

    /// <summary>What a value of the option must be, for an error.</summary>
    public static string Wanted(StageOption option) =>
        (ElementOf(option.Type) is { } element ? $"a list such as [first, second], each {Wanted(element)}" : Wanted(option.Type))
        + (option.IsNullable ? ", or null" : "");

    /// <summary>The one way a value is written, which reads back to an equal value; the same in every culture.</summary>
    public static string Text(object? value) =>
        value switch
        {
            null or YamlText { IsNull: true } => "null",
            YamlText text => IsLiteral(text) ? text.Text : Quoted(text.Text),
            YamlList list => Text(list.Items),
            bool truth => truth ? "true" : "false",
            string text => Quoted(text),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            TimeSpan time => Quoted(time.ToString("c", CultureInfo.InvariantCulture)),
            Enum word => Word(word),
            IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Text))}]",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => throw new ArgumentException($"A {value.GetType()} is no value of an option."),
        };

    /// <summary>The value as JSON can hold it: words and times as their text.</summary>
    public static object? Plain(object? value) =>
        value switch
        {
            Enum word => Word(word),
            TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
            string text => text,
            YamlText { IsNull: true } => null,
            YamlText text => text.Text,
            YamlList list => Plain(list.Items),
            IEnumerable items => items.Cast<object?>().Select(Plain).ToArray(),
            _ => value,
        };

    /// <summary>Text as a plain word where no YAML reader can take it for anything else, otherwise in double quotes.</summary>
    public static string Quoted(string text)
    {
        if (StageName.IsGood(text) && text is not ("null" or "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n"))
        {
            return text;
        }

        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                _ when char.IsControl(letter) || letter is '\u2028' or '\u2029' or '\uFEFF' => quoted.Append(
                    CultureInfo.InvariantCulture,
                    $"\\u{(int)letter:x4}"
                ),
                _ => quoted.Append(letter),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Whether it can be a number or a truth value, which in quotes it could not be.</summary>
    private static bool IsLiteral(YamlText value) =>
        value.IsPlain
        && (
            value.Text is "true" or "false"
            || double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
        );

    private static object? Scalar(Type type, YamlText value)
    {
        if (value.IsNull)
        {
            return null;
        }

        if (type == typeof(string))
        {
            return value.Text;
        }

        if (type.IsEnum)
        {
            return Enum.GetValues(type).Cast<Enum>().FirstOrDefault(word => Word(word) == value.Text);
        }

        if (type == typeof(TimeSpan))
        {
            return Duration(value.Text);
        }

        return value.IsPlain ? Plain(type, value.Text) : null;
    }

    private static object? Plain(Type type, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        if (type == typeof(bool))
        {
            return text switch
            {
                "true" => true,
                "false" => false,
                _ => null,
            };
        }

        if (type == typeof(int))
        {
            return int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var count) ? count : null;
        }

        if (type == typeof(long))
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var size) ? size : null;
        }

        return double.TryParse(text, NumberStyles.Float, culture, out var number) && double.IsFinite(number) ? number : null;
    }

    private static TimeSpan? Duration(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var time) ? time : null;
        }

        var unit = Array.Find(Units, unit => text.EndsWith(unit.Suffix, StringComparison.Ordinal));
        return
            unit.Suffix is not null
            && decimal.TryParse(text[..^unit.Suffix.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            && amount <= long.MaxValue / unit.Ticks
            ? TimeSpan.FromTicks((long)(amount * unit.Ticks))
            : null;
    }

    private static string Wanted(Type type)
    {
        if (type.IsEnum)
        {
            return $"one of {string.Join(", ", Enum.GetValues(type).Cast<Enum>().Select(Word))}";
        }

        return type switch
        {
            _ when type == typeof(YamlValue) => "a value, or a list of values",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) => "a whole number between -2147483648 and 2147483647",
            _ when type == typeof(long) => "a whole number of 64 bits",
            _ when type == typeof(double) => "a number such as 0.5",
            _ when type == typeof(TimeSpan) => "a time such as 500ms, 10s, 5min, 2h or 00:01:30",
            _ => "text",
        };
    }

    private static string Word(Enum word) => word.ToString().ToLowerInvariant();

    private static Type? ElementOf(Type type)
    {
        if (type.IsArray)
        {
            return type.GetElementType();
        }

        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;
    }
}
