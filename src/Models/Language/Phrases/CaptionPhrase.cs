namespace Pipeline.Models.Language.Phrases;

/// <summary>What a phrase says of a picture; a description holds at most one of each.</summary>
internal enum PhraseRole
{
    /// <summary>Begins with in, at, during and the like: light, weather, time.</summary>
    Setting,

    /// <summary>Begins with on, over, near and the like, or is an action: where the thing is.</summary>
    Place,

    /// <summary>Begins with "with", or with no preposition: a property of the picture. Never stands alone where others are found.</summary>
    Quality,
}

/// <summary>One phrase of a caption.</summary>
/// <param name="Role">What it says.</param>
/// <param name="Key">Its words without articles: equal keys are one phrase.</param>
/// <param name="Text">Its words as the caption has them.</param>
internal sealed record CaptionPhrase(PhraseRole Role, string Key, string Text);
