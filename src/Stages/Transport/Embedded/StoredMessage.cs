namespace Pipeline.Stages.Transport.Embedded;

/// <summary>A message as a queue holds it.</summary>
/// <param name="Message">Type and body.</param>
/// <param name="RoutingKey">The key under which it was published.</param>
/// <param name="FailureReason">Why it was failed into this queue; null on one that was published.</param>
/// <param name="Place">Its place in the order of publishing, from 1, once it was delivered; 0 before.</param>
/// <param name="Attempts">How often it was put aside.</param>
internal sealed record StoredMessage(Envelope Message, string RoutingKey, string? FailureReason, long Place = 0, int Attempts = 0);
