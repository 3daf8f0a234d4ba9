using System.Linq.Expressions;

namespace Pipeline.Shards.Records;

/// <summary>Compiles the loop that makes records out of arrays of cells.</summary>
internal static class RecordBuilder
{
    /// <summary>A function of one array a member, in their order, and the number of rows.</summary>
    public static Func<Array[], int, TRecord[]> Compile<TRecord>(IReadOnlyList<RecordMember> members)
    {
        var arrays = Expression.Parameter(typeof(Array[]));
        var rows = Expression.Parameter(typeof(int));
        var records = Expression.Variable(typeof(TRecord[]));
        var row = Expression.Variable(typeof(int));
        var done = Expression.Label();
        var columns = members.Select(member => Expression.Variable(member.Property.PropertyType.MakeArrayType())).ToArray();
        var body = new List<Expression>
        {
            Expression.Assign(records, Expression.NewArrayBounds(typeof(TRecord), rows)),
            Expression.Assign(row, Expression.Constant(0)),
        };
        for (var index = 0; index < columns.Length; index++)
            body.Add(
                Expression.Assign(
                    columns[index],
                    Expression.Convert(Expression.ArrayIndex(arrays, Expression.Constant(index)), columns[index].Type)
                )
            );
        body.Add(
            Expression.Loop(
                Expression.Block(
                    Expression.IfThen(Expression.GreaterThanOrEqual(row, rows), Expression.Break(done)),
                    Expression.Assign(Expression.ArrayAccess(records, row), Make(typeof(TRecord), members, columns, row)),
                    Expression.PreIncrementAssign(row)
                ),
                done
            )
        );
        body.Add(records);
        return Expression.Lambda<Func<Array[], int, TRecord[]>>(Expression.Block([records, row, .. columns], body), arrays, rows).Compile();
    }

    private static MemberInitExpression Make(
        Type record,
        IReadOnlyList<RecordMember> members,
        ParameterExpression[] columns,
        Expression row
    )
    {
        var cells = members.Zip(columns, (member, column) => (member, cell: (Expression)Expression.ArrayIndex(column, row))).ToArray();
        var constructor = RecordMember.Constructor(record);
        var arguments = (constructor?.GetParameters() ?? []).Select(parameter =>
            cells.Single(pair => pair.member.Parameter == parameter).cell
        );
        var made = constructor is null ? Expression.New(record) : Expression.New(constructor, arguments);
        var set = cells.Where(pair => pair.member.Parameter is null).Select(pair => Expression.Bind(pair.member.Property, pair.cell));
        return Expression.MemberInit(made, set);
    }
}
