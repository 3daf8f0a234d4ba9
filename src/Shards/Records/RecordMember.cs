using System.Reflection;

namespace Pipeline.Shards.Records;

/// <summary>A property that is a column, or the further columns, of a record.</summary>
/// <param name="Property">Read when rows are written.</param>
/// <param name="Parameter">The constructor's parameter that gives it back; null where it is initialised.</param>
/// <param name="Name">The column's name.</param>
internal sealed record RecordMember(PropertyInfo Property, ParameterInfo? Parameter, string Name)
{
    public bool IsExtra => Marks<ExtraColumnsAttribute>(Property, Parameter) is not null;

    /// <summary>The members in order of declaration.</summary>
    /// <exception cref="ShardColumnException">The type has none, or a parameter of its constructor has no property.</exception>
    public static IReadOnlyList<RecordMember> Of(Type record)
    {
        var properties = record
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0 && property.CanRead)
            .OrderBy(property => property.MetadataToken)
            .ToArray();
        var parameters = Constructor(record)?.GetParameters() ?? [];
        var orphan = parameters.FirstOrDefault(parameter => !properties.Any(property => Belong(property, parameter)));
        if (orphan is not null)
            throw new ShardColumnException(
                $"The constructor of {record.Name} takes '{orphan.Name}', which is no property; every parameter must be one. Use a plain record."
            );
        var members = properties
            .Select(property => (property, parameter: parameters.FirstOrDefault(parameter => Belong(property, parameter))))
            .Where(pair => pair.parameter is not null || pair.property.SetMethod is { IsPublic: true })
            .Select(pair => new RecordMember(pair.property, pair.parameter, NameOf(pair.property, pair.parameter)))
            .ToArray();
        return members.Length > 0
            ? members
            : throw new ShardColumnException(
                $"{record.Name} has no property that can be set; it must have one at least. Use a plain record."
            );
    }

    /// <summary>The public constructor with the most parameters; null for a struct without one.</summary>
    public static ConstructorInfo? Constructor(Type record) =>
        record.GetConstructors().OrderByDescending(constructor => constructor.GetParameters().Length).FirstOrDefault();

    public RecordColumn<TRecord> Column<TRecord>()
    {
        var nullable = new NullabilityInfoContext().Create(Property).ReadState == NullabilityState.Nullable;
        var type =
            ShardType.Of(Property.PropertyType, nullable)
            ?? throw new ShardColumnException(
                $"{typeof(TRecord).Name}.{Property.Name} is of type {Property.PropertyType}; it must be string, int, long, float, double, bool, "
                    + "byte[], float[], Half[], string[] or a nullable one of these. Convert it, or mark a dictionary with [ExtraColumns]."
            );
        var column = typeof(RecordColumn<,>).MakeGenericType(typeof(TRecord), Property.PropertyType);
        return (RecordColumn<TRecord>?)Activator.CreateInstance(column, Name, type, Getter(typeof(TRecord)))
            ?? throw new MissingMethodException(column.Name, "constructor");
    }

    public Func<TRecord, TValue> Getter<TRecord, TValue>() =>
        Getter(typeof(TRecord)) as Func<TRecord, TValue>
        ?? throw new ShardColumnException(
            $"{typeof(TRecord).Name}.{Property.Name} is of type {Property.PropertyType}; [ExtraColumns] must be "
                + "IReadOnlyDictionary<string, string>. Change its type."
        );

    private Delegate Getter(Type record)
    {
        var parameter = System.Linq.Expressions.Expression.Parameter(record);
        return System
            .Linq.Expressions.Expression.Lambda(System.Linq.Expressions.Expression.Property(parameter, Property), parameter)
            .Compile();
    }

    private static bool Belong(PropertyInfo property, ParameterInfo parameter) =>
        string.Equals(property.Name, parameter.Name, StringComparison.OrdinalIgnoreCase)
        && property.PropertyType == parameter.ParameterType;

    private static string NameOf(PropertyInfo property, ParameterInfo? parameter) =>
        Marks<ColumnNameAttribute>(property, parameter)?.Name ?? ShardNames.Snake(property.Name);

    private static T? Marks<T>(PropertyInfo property, ParameterInfo? parameter)
        where T : Attribute => property.GetCustomAttribute<T>() ?? parameter?.GetCustomAttribute<T>();
}
