using System.Reflection;
using Pipeline.Sdk;

namespace Pipeline.Stages.Plugins;

/// <summary>One version of a plugin, loaded.</summary>
internal sealed class LoadedPlugin
{
    private readonly PluginLoadContext context;

    private LoadedPlugin(PluginIdentity identity, PluginLoadContext context, IReadOnlyList<IPluginKind> kinds)
    {
        Identity = identity;
        this.context = context;
        Kinds = kinds;
    }

    public PluginIdentity Identity { get; }

    public IReadOnlyList<IPluginKind> Kinds { get; }

    /// <summary>Loads a copy of a plugin, which was checked or comes from a process that checked it.</summary>
    /// <param name="assembly">The copy of its assembly.</param>
    /// <param name="identity">Which it is.</param>
    /// <param name="limit">For its kinds to be made.</param>
    /// <param name="clock">Measures the limit.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="PluginException">It cannot be used.</exception>
    public static async Task<LoadedPlugin> LoadAsync(
        string assembly,
        PluginIdentity identity,
        TimeSpan limit,
        TimeProvider clock,
        CancellationToken stop
    )
    {
        SdkVersion.Check(assembly);
        var own = new PluginLoadContext(assembly);
        try
        {
            // A thread of its own, in the background: one that hangs is left behind.
            var making = Task.Factory.StartNew(
                () => KindsOf(own.LoadFromAssemblyPath(assembly), new PluginKindMaker(identity, assembly)),
                stop,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            );
            return new LoadedPlugin(identity, own, await making.WaitAsync(limit, clock, stop));
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            own.Unload();
            throw Refusal(error, identity, limit);
        }
    }

    /// <summary>Loads the copy that another process made and checked, for as long as this one lives.</summary>
    /// <exception cref="PluginException">It cannot be used.</exception>
    public static LoadedPlugin Load(string assembly, PluginIdentity identity)
    {
        var own = new PluginLoadContext(assembly);
        return new LoadedPlugin(identity, own, KindsOf(own.LoadFromAssemblyPath(assembly), new PluginKindMaker(identity, assembly)));
    }

    /// <summary>Lets go of it: its memory is free when nothing uses its kinds any more, and never when its code holds itself.</summary>
    public void Unload() => context.Unload();

    private static IPluginKind[] KindsOf(Assembly assembly, PluginKindMaker maker)
    {
        IPluginKind[] kinds =
        [
            .. assembly
                .GetExportedTypes()
                .Where(type => type is { IsSealed: true, ContainsGenericParameters: false } && type.IsAssignableTo(typeof(StageKind)))
                .OrderBy(type => type.FullName, StringComparer.Ordinal)
                .Select(type =>
                    (StageKind?)Activator.CreateInstance(type, BindingFlags.DoNotWrapExceptions, binder: null, args: null, culture: null)
                )
                .OfType<StageKind>()
                .Select(kind => kind.Accept(maker)),
        ];
        return kinds.Length > 0
            ? kinds
            : throw new PluginException(
                $"{assembly.GetName().Name} has no kind of stage; it must have a public sealed class that derives from StageKind. Add one."
            );
    }

    private static PluginException Refusal(Exception error, PluginIdentity identity, TimeSpan limit) =>
        error switch
        {
            PluginException refusal => refusal,
            TimeoutException => new PluginException(
                $"The kinds of {identity.Name} are not made after {limit.TotalSeconds} s; their constructors must end sooner. Move what takes long to Create."
            ),
            _ => new PluginException(
                $"The kinds of {identity.Name} cannot be made ({error.GetType().Name}: {error.Message}); their constructors must not fail. Correct the plugin.",
                error
            ),
        };
}
