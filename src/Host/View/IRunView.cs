using Pipeline.Stages.Runs;

namespace Pipeline.Host.View;

/// <summary>Shows a run until it is disposed; the last report is shown then at the latest.</summary>
internal interface IRunView : IRunMonitor, IDisposable;
