using Pipeline.Stages.Tests.Transport;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Runs;

/// <summary>A transport that takes a delivery away after a minute, or so it says.</summary>
internal sealed class TimesOutAfterAMinute(ITransport transport) : DelegatingTransport(transport)
{
    public override TimeSpan? AcknowledgementTimeout => TimeSpan.FromMinutes(1);
}
