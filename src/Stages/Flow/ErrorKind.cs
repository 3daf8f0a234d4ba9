using Pipeline.Models.Images;
using Pipeline.Stages.Isolation;

namespace Pipeline.Stages.Flow;

/// <summary>What kind an error is, in a word: as it stands in quarantine.</summary>
internal static class ErrorKind
{
    /// <summary>The error's own word for it where it has one, else its type.</summary>
    public static string Of(Exception error) =>
        error switch
        {
            ImageRejectedException rejected => rejected.Kind,
            IsolatedException isolated => isolated.Kind,
            TimeLimitException => TimeLimitException.Kind,
            _ => error.GetType().Name,
        };
}
