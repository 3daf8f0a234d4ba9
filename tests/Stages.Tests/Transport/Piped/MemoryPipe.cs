using System.IO.Pipes;
using Pipeline.Stages.Transport.Piped;

namespace Pipeline.Stages.Tests.Transport.Piped;

/// <summary>Both ends of the pipes between two processes, in one: what one end writes, the other reads.</summary>
internal sealed class MemoryPipe : IDisposable
{
    private readonly AnonymousPipeServerStream toChild = new(PipeDirection.Out, HandleInheritability.None);
    private readonly AnonymousPipeServerStream toParent = new(PipeDirection.In, HandleInheritability.None);
    private readonly AnonymousPipeClientStream childReads;
    private readonly AnonymousPipeClientStream childWrites;

    public MemoryPipe()
    {
        childReads = new AnonymousPipeClientStream(PipeDirection.In, toChild.ClientSafePipeHandle);
        childWrites = new AnonymousPipeClientStream(PipeDirection.Out, toParent.ClientSafePipeHandle);
        ParentInput = new StreamReader(toParent);
        ParentOutput = new StreamWriter(toChild);
        ChildInput = new StreamReader(childReads);
        ChildOutput = new StreamWriter(childWrites);
    }

    public TextReader ParentInput { get; }

    public TextWriter ParentOutput { get; }

    public TextReader ChildInput { get; }

    public TextWriter ChildOutput { get; }

    public PipeEnd Parent => new(ParentInput, ParentOutput);

    public PipeEnd Child => new(ChildInput, ChildOutput);

    /// <summary>As when the child dies: the parent reads what it has said, and then the end.</summary>
    /// <remarks>An end that is being read is left open: disposing it would wait for what is read.</remarks>
    public void EndChild() => childWrites.Dispose();

    /// <summary>As when the parent dies.</summary>
    public void EndParent() => toChild.Dispose();

    /// <summary>Once nobody reads any more.</summary>
    public void Dispose()
    {
        EndParent();
        EndChild();
        toParent.Dispose();
        childReads.Dispose();
    }
}
