namespace Pipeline.Host.Commands;

/// <summary>Asks a person whether to go on.</summary>
/// <param name="answers">Where the answer is read; its end means no.</param>
internal sealed class Confirmation(TextReader answers)
{
    /// <summary>True for y or yes.</summary>
    public async Task<bool> AsksAsync(string question, TextWriter output, CancellationToken stop)
    {
        await output.WriteAsync($"{question} [y/N] ");
        await output.FlushAsync(stop);
        // The console's reader cannot be cancelled: Ctrl-C leaves its thread waiting, and the process ends.
        var answer = await Task.Run(answers.ReadLine, CancellationToken.None).WaitAsync(stop);
        return answer?.Trim().ToLowerInvariant() is "y" or "yes";
    }
}
