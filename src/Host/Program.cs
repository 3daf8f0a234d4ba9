using Pipeline.Host.Commands;

using var interruption = Interruption.OfProcess();
var commands = CommandTree.Create(
    StatusCommand.Create(),
    InspectCommand.Create(),
    QuarantineCommand.Create(),
    CleanCommand.Create(Console.In)
);
return await CommandTree.InvokeAsync(commands, args, Console.Out, Console.Error, interruption.Token);
