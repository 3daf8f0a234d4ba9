using System.Runtime.InteropServices;

namespace Pipeline.Host.Commands;

/// <summary>Ctrl-C and SIGTERM: the first asks the command to drain and end, the second ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private int signals;

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>From now on until <see cref="Dispose"/>, signals of the process come here.</summary>
    public static Interruption OfProcess()
    {
        var interruption = new Interruption();
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
            interruption.registrations.Add(PosixSignalRegistration.Create(signal, context => context.Cancel = interruption.Take()));
        return interruption;
    }

    /// <summary>Takes one signal; true when the process goes on to drain, false when the signal ends it.</summary>
    public bool Take()
    {
        if (Interlocked.Increment(ref signals) > 1)
            return false;
        source.Cancel();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        source.Dispose();
    }
}
