namespace Pipeline.Stages.Isolation;

/// <summary>A child process, as its parent holds it.</summary>
internal interface IChild : IAsyncDisposable
{
    /// <summary>What it reads; closed, it leaves.</summary>
    TextWriter Input { get; }

    /// <summary>What it says.</summary>
    TextReader Output { get; }

    /// <summary>Waits for its end; gives its signal or exit code in words.</summary>
    Task<string> EndAsync();

    /// <summary>Ends it at once; one that has ended stays so.</summary>
    void Kill();
}
