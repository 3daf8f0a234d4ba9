namespace Pipeline.Stages.Transport.Embedded;

/// <summary>One topic exchange: its bindings, grouped by queue so that a queue takes a message once. Changed under the transport's lock, read without one.</summary>
internal sealed class EmbeddedExchange
{
    private volatile Route[] routes = [];

    /// <summary>The bindings as they stand now; the list itself never changes.</summary>
    internal IReadOnlyList<Route> Routes => routes;

    internal void Bind(EmbeddedQueue queue, string pattern)
    {
        var known = Array.Find(routes, route => route.Queue == queue);
        if (known is null)
        {
            routes = [.. routes, new Route(queue, [new TopicPattern(pattern)])];
        }
        else if (!known.Patterns.Any(bound => bound.Text == pattern))
        {
            Replace(queue, [.. known.Patterns, new TopicPattern(pattern)]);
        }
    }

    internal void Unbind(EmbeddedQueue queue, string pattern)
    {
        if (Array.Find(routes, route => route.Queue == queue) is { } known)
        {
            Replace(queue, [.. known.Patterns.Where(bound => bound.Text != pattern)]);
        }
    }

    internal void Drop(EmbeddedQueue queue) => Replace(queue, []);

    private void Replace(EmbeddedQueue queue, TopicPattern[] patterns) =>
        routes = [
            .. routes.Select(route => route.Queue == queue ? new Route(queue, patterns) : route).Where(route => route.Patterns.Length > 0),
        ];

    /// <summary>All bindings of one queue to this exchange.</summary>
    internal sealed record Route(EmbeddedQueue Queue, TopicPattern[] Patterns)
    {
        internal bool Matches(string key)
        {
            foreach (var pattern in Patterns)
            {
                if (pattern.Matches(key))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
