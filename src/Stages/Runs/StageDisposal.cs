using System.Globalization;

namespace Pipeline.Stages.Runs;

/// <summary>Disposes a stage, and leaves one behind that does not let go.</summary>
internal static class StageDisposal
{
    /// <summary>Returns when the stage is disposed, or when its limit is over; people are told then. What it throws, they are told too: the run goes on.</summary>
    public static async Task DisposeAsync(object stage, StageSite site)
    {
        if (stage is not (IAsyncDisposable or IDisposable))
        {
            return;
        }

        if (site.Precautions.DisposeLimit is not { } limit)
        {
            await LetGoAsync(stage);
            return;
        }

        try
        {
            await Task
                .Factory.StartNew(() => LetGoAsync(stage), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .Unwrap()
                .WaitAsync(limit, site.Run.Clock);
        }
        catch (TimeoutException)
        {
            site.Run.Notice(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{site.Definition.Name} could not be disposed within {limit.TotalSeconds:0.###} s; it must let go by then. What it holds stays until this process ends. Look at the stage's Dispose."
                )
            );
        }
        catch (Exception error)
        {
            site.Run.Notice(
                $"{site.Definition.Name} threw when it was disposed: {error.GetType().Name}: {error.Message}. Look at the stage's Dispose."
            );
        }
    }

    private static async Task LetGoAsync(object stage)
    {
        switch (stage)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }
    }
}
