using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Tests.Runs;

public sealed class OutputLockTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-lock-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Directory_is_held_until_it_is_let_go()
    {
        var output = Path.Combine(folder, "out");
        var held = new List<bool> { OutputLock.IsHeld(output) };

        using (OutputLock.Take(output))
            held.Add(OutputLock.IsHeld(output));
        held.Add(OutputLock.IsHeld(output));

        held.Should().Equal(false, true, false);
    }

    [Fact]
    public void Second_one_is_refused_and_told_why()
    {
        using var first = OutputLock.Take(folder);

        var second = () => OutputLock.Take(folder);

        second.Should().Throw<InvalidDataException>().WithMessage($"{folder} is in use by another process*");
    }
}
