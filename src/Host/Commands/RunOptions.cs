using System.CommandLine;

namespace Pipeline.Host.Commands;

/// <summary>The options that <c>run</c> and <c>submit</c> have in common.</summary>
internal sealed class RunOptions
{
    /// <summary><c>--seed</c>.</summary>
    public Option<long?> Seed { get; } =
        RunCommand.Ranged(
            new Option<long?>("--seed")
            {
                Description = "Seed of every draw, at least 0; without it the seed of the run that goes on, or 0.",
                HelpName = "N",
            },
            0,
            long.MaxValue
        );

    /// <summary><c>--limit</c>.</summary>
    public Option<int?> Limit { get; } =
        RunCommand.Ranged(
            new Option<int?>("--limit") { Description = "Takes only the first N samples, at least 1.", HelpName = "N" },
            1,
            int.MaxValue
        );

    /// <summary><c>--set</c>.</summary>
    public Option<string[]> Settings { get; } = SettingOption.Create();

    /// <summary><c>--max-failed</c>.</summary>
    public Option<double?> MaxFailed { get; } =
        RunCommand.Ranged(
            new Option<double?>("--max-failed")
            {
                Description = "Percent of batches, 0 to 100, that may fail before the run stops.",
                HelpName = "PERCENT",
                DefaultValueFactory = _ => RunCommand.DefaultMaxFailedPercent,
            },
            0.0,
            100.0
        );

    /// <summary><c>--verify</c>.</summary>
    public Option<bool> Verify { get; } =
        new("--verify") { Description = "Hashes every input file again instead of trusting size and time." };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(Seed);
        command.Add(Limit);
        command.Add(Settings);
        command.Add(MaxFailed);
        command.Add(Verify);
    }
}
