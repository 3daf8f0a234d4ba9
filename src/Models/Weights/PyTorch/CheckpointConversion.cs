namespace Pipeline.Models.Weights.PyTorch;

/// <summary>What a conversion wrote.</summary>
/// <param name="Target">The safetensors file.</param>
/// <param name="Tensors">Names of the tensors in it, in ordinal order.</param>
/// <param name="Skipped">What of the checkpoint was left out, as <c>name: what it is</c>: numbers, texts, state of an optimiser beside a <c>state_dict</c>; at most 1,000.</param>
public sealed record CheckpointConversion(string Target, IReadOnlyList<string> Tensors, IReadOnlyList<string> Skipped);
