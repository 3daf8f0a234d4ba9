using Pipeline.Host;
using Pipeline.Host.Commands;
using Pipeline.Host.Commands.Cluster;
using Pipeline.Host.Commands.Models;
using Pipeline.Host.Commands.Topology;
using Pipeline.Models.Hub.Download;
using Pipeline.Models.Training;

OpenMpThreads.SleepWhileWaiting();
_ = NativeHeap.OneArenaEachCore(); // refused, the program only takes more memory
using var interruption = Interruption.OfProcess();
var commands = CommandTree.Create(
    RunCommand.Create(RunHandlers.RunAsync),
    ValidateCommand.Create(RunHandlers.ValidateAsync),
    PresetsCommand.Create(RunHandlers.PresetsAsync),
    ModelsCommand.Create(new Confirmation(Console.In), HubSettings.OfProcess),
    StatusCommand.Create(),
    InspectCommand.Create(),
    QuarantineCommand.Create(new Confirmation(Console.In)),
    ReportCommand.Create(),
    CompareCommand.Create(),
    LineageCommand.Create(),
    QueryCommand.Create(),
    ExportCommand.Create(),
    CleanCommand.Create(Console.In),
    IsolatedCommand.Create(),
    FailedCommand.Create(new Confirmation(Console.In)),
    ReplayCommand.Create(new Confirmation(Console.In)),
    RetryHistoryCommand.Create(),
    HostCommand.Create(),
    SubmitCommand.Create(),
    RunsCommand.Create(),
    RunControlCommands.Pause(),
    RunControlCommands.Resume(),
    RunControlCommands.Cancel(),
    StageCommand.Create(),
    ApplyCommand.Create(new Confirmation(Console.In)),
    GraphCommand.Create()
);
return await CommandTree.InvokeAsync(commands, args, Console.Out, Console.Error, interruption.Token);
