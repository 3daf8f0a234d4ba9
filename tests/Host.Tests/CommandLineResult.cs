using System.CommandLine;
using Pipeline.Host.Commands;

namespace Pipeline.Host.Tests;

/// <summary>What a command line printed and returned.</summary>
internal sealed record CommandLineResult(int Code, string Output, string Error)
{
    /// <summary>Runs <paramref name="arguments"/> against these commands alone.</summary>
    public static async Task<CommandLineResult> Of(Command command, CancellationToken stop, params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await CommandTree.InvokeAsync(CommandTree.Create(command), arguments, output, error, stop);
        return new CommandLineResult(code, output.ToString(), error.ToString());
    }

    public static Task<CommandLineResult> Of(Command command, params string[] arguments) => Of(command, CancellationToken.None, arguments);

    /// <summary>Cells of the printed line that begins with <paramref name="first"/>.</summary>
    public string[] Line(string first) =>
        Output
            .Split('\n')
            .Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .First(cells => cells.Length > 0 && cells[0] == first);
}
