using Pipeline.Models;
using Pipeline.Models.Safety;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Seeing;

/// <summary>Opens the safety checker of a stage; the caller disposes it.</summary>
public delegate ISafetyChecker OpenChecker(StageSite site, CheckerChoice choice);

/// <summary>Opens safety checkers from the run's models.</summary>
public static class Checkers
{
    /// <summary>Opens one; which it is, its folder's config says.</summary>
    /// <exception cref="Models.Hub.ModelMissingException">The model is not there; the message has the command that gets it.</exception>
    /// <exception cref="InvalidDataException">Its files are not those of a checker that is supported.</exception>
    public static ISafetyChecker Open(StageSite site, CheckerChoice choice)
    {
        var settings = new SafetySettings { NsfwLine = (float)choice.Line, CallSize = choice.CallSize };
        return SafetyCheckers.Open(
            site.Run.Models.Find(choice.Model).Path,
            choice.Threads == 0 ? settings : settings with { Threads = choice.Threads }
        );
    }
}
