using Pipeline.Host.Commands;

namespace Pipeline.Host.Tests.Commands;

public sealed class HeldLinesTests
{
    [Fact]
    public void Lines_wait_while_they_are_held_and_keep_their_order()
    {
        using var output = new StringWriter();
        var lines = new HeldLines(output);
        lines.Write("a");
        lines.Hold();
        lines.Write("b");
        lines.Write("c");
        var held = output.ToString();

        lines.Release();
        lines.Write("d");

        held.Should().Be("a\n");
        output.ToString().Should().Be("a\nb\nc\nd\n");
    }
}
