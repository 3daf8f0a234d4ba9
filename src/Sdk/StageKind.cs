namespace Pipeline.Sdk;

/// <summary>A kind of stage that works through rows, as a plugin gives it: derive from <see cref="StageKind{TOptions, TIn, TItem, TResult, TOut}"/>.</summary>
/// <remarks>The program makes one of each public sealed class of the plugin that derives from it and has a constructor without parameters.</remarks>
public abstract class StageKind
{
    private protected StageKind() { }

    /// <summary>The word in the pipeline file, and the stage's name where none is given: lower-case letters, digits, <c>-</c> and <c>_</c>, the first a letter.</summary>
    public abstract string Name { get; }

    /// <summary>1 or more; raised by hand whenever equal inputs and options give other output, so that what was written before is written anew.</summary>
    public abstract int Version { get; }

    /// <summary>Artifacts that must exist before the stage takes its first batch: <c>domains</c>, <c>base-classifier</c>.</summary>
    public virtual IReadOnlyList<string> Needs => [];

    /// <summary>Hands the kind over with its types.</summary>
    /// <typeparam name="T">What the visitor makes of it.</typeparam>
    public abstract T Accept<T>(IStageKindVisitor<T> visitor);
}

/// <summary>A kind of stage that works through rows.</summary>
/// <typeparam name="TOptions">Its settings.</typeparam>
/// <typeparam name="TIn">The row that it reads.</typeparam>
/// <typeparam name="TItem">What its model is given.</typeparam>
/// <typeparam name="TResult">What its model gives back.</typeparam>
/// <typeparam name="TOut">The row that it writes: <c>SampleId</c>, <c>VariantId</c> too where it reads variants, and what it adds.</typeparam>
public abstract class StageKind<TOptions, TIn, TItem, TResult, TOut> : StageKind
    where TOptions : class, IStageOptions, new()
    where TIn : class, ISampleRow
    where TOut : class
{
    /// <summary>Makes the stage; one serves many calls at once, and is disposed at the end when it can be.</summary>
    /// <param name="options">Settings that have passed their check.</param>
    /// <param name="context">What it may know of the run.</param>
    public abstract IStage<TIn, TItem, TResult, TOut> Create(TOptions options, StageContext context);

    /// <summary>How the work of a stage with these settings is cut.</summary>
    public virtual StageShape Shape(TOptions options) => new();

    /// <inheritdoc/>
    public sealed override T Accept<T>(IStageKindVisitor<T> visitor) => visitor.Visit(this);
}

/// <summary>Takes a kind with its types, which who finds it in an assembly does not know.</summary>
/// <typeparam name="T">What it makes of it.</typeparam>
public interface IStageKindVisitor<out T>
{
    /// <summary>Takes the kind.</summary>
    /// <typeparam name="TOptions">Its settings.</typeparam>
    /// <typeparam name="TIn">The row that it reads.</typeparam>
    /// <typeparam name="TItem">What its model is given.</typeparam>
    /// <typeparam name="TResult">What its model gives back.</typeparam>
    /// <typeparam name="TOut">The row that it writes.</typeparam>
    T Visit<TOptions, TIn, TItem, TResult, TOut>(StageKind<TOptions, TIn, TItem, TResult, TOut> kind)
        where TOptions : class, IStageOptions, new()
        where TIn : class, ISampleRow
        where TOut : class;
}
