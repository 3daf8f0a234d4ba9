namespace Pipeline.Models.Onnx.Guard;

/// <summary>The functions that a model brings and who calls them: every one that is called must be there, none may call itself, and all of it must stay small.</summary>
internal sealed class FunctionCalls
{
    private readonly Dictionary<(string Domain, string Name), Body> functions = [];
    private readonly Body graph = new();

    /// <summary>The nodes of a function, to be filled.</summary>
    public Body Declare(string domain, string name, OnnxPlace place)
    {
        if (OperatorList.IsStandard(domain) || domain == OperatorList.Microsoft)
        {
            throw place.Refusal("domain", $"\"{domain}\", as are the operators'", "a domain of the model's own");
        }

        if (functions.Count == OnnxLimits.Functions)
        {
            throw place.Refusal("", "one function more than there may be", $"among the first {OnnxLimits.Functions}");
        }

        var body = new Body();
        return functions.TryAdd((domain, name), body)
            ? body
            : throw place.Refusal("name", $"\"{name}\" of \"{domain}\" for the second time", "the name of one function");
    }

    /// <summary>The nodes of all graphs that are no function's.</summary>
    public Body Graph => graph;

    /// <summary>Looks at all calls, when every function is known.</summary>
    public void Check(OnnxPlace file)
    {
        if (graph.Expanded(functions) > OnnxLimits.Nodes)
        {
            throw file.Refusal(
                "",
                "of more nodes with its functions' bodies in place of their calls",
                $"of at most {OnnxLimits.Nodes} nodes"
            );
        }

        foreach (var (_, body) in functions)
        {
            body.Expanded(functions);
        }
    }

    /// <summary>Some nodes, of which some call functions.</summary>
    internal sealed class Body
    {
        private readonly List<(string Domain, string Name, OnnxPlace Place)> calls = [];
        private long plain;
        private long expanded = -1;
        private bool isOpen;

        public void AddOperator() => plain++;

        public void AddCall(string domain, string name, OnnxPlace place) => calls.Add((domain, name, place));

        /// <summary>Nodes with all calls replaced, at most one more than <see cref="OnnxLimits.Nodes"/>.</summary>
        public long Expanded(Dictionary<(string Domain, string Name), Body> functions)
        {
            if (expanded >= 0)
            {
                return expanded;
            }

            isOpen = true;
            var sum = plain;
            foreach (var (domain, name, place) in calls)
            {
                if (!functions.TryGetValue((domain, name), out var body))
                {
                    throw place.Refusal("operator", $"{name} of the domain \"{domain}\"", OperatorList.Words);
                }

                if (body.isOpen)
                {
                    throw place.Refusal("operator", $"a call of the function {name} within itself", "a call that ends");
                }

                sum = Math.Min(sum + body.Expanded(functions), OnnxLimits.Nodes + 1L);
            }

            isOpen = false;
            return expanded = sum;
        }
    }
}
