namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>What parts of the transport wait for, told as one sentence; null when nothing waits.</summary>
internal sealed class BrokerNotices(Action<string?> notice)
{
    private readonly Lock gate = new();
    private readonly List<(object Who, string What)> waits = [];
    private string? told;

    /// <summary>Says what <paramref name="who"/> waits for from now on; null for nothing.</summary>
    internal void Report(object who, string? what)
    {
        lock (gate)
        {
            waits.RemoveAll(wait => wait.Who == who);
            if (what is not null)
            {
                waits.Add((who, what));
            }

            var current = waits.Count == 0 ? null : waits[0].What;
            if (current != told)
            {
                told = current;
                notice(current);
            }
        }
    }
}
