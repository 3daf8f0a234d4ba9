namespace Pipeline.Models.Onnx.Guard;

/// <summary>
/// Puts what lies in other files into the model, so that ONNX Runtime opens no file by itself: the bytes that were checked are the bytes that run.
/// </summary>
internal sealed class ExternalInlining
{
    private const int RawField = 9;
    private const int ExternalField = 13;
    private const int LocationField = 14;

    private readonly IReadOnlyDictionary<int, ExternalPart> external;
    private readonly int[] offsets;

    private ExternalInlining(IReadOnlyDictionary<int, ExternalPart> external)
    {
        this.external = external;
        offsets = [.. external.Keys.Order()];
    }

    /// <summary>The model in one piece; the same array where nothing lies elsewhere.</summary>
    /// <exception cref="InvalidDataException">The whole is too large.</exception>
    public static byte[] Join(string path, byte[] model, IReadOnlyDictionary<int, ExternalPart> external)
    {
        if (external.Count == 0)
        {
            return model;
        }

        var place = new OnnxPlace(null, path, -1, OnnxKind.Model, model);
        var pieces = new ExternalInlining(external).Rewrite(OnnxKind.Model, model, place);
        if (pieces.Length > OnnxLimits.ModelBytes)
        {
            throw place.Refusal(
                "",
                $"{pieces.Length} bytes long with the files that its tensors lie in",
                $"of at most {OnnxLimits.ModelBytes} bytes: a session is made of bytes that were checked, in one array"
            );
        }

        var whole = new byte[pieces.Length];
        pieces.CopyTo(whole);
        return whole;
    }

    private ProtoPieces Rewrite(OnnxKind kind, ReadOnlyMemory<byte> message, OnnxPlace place)
    {
        var pieces = new ProtoPieces();
        if (kind == OnnxKind.Tensor)
        {
            return RewriteTensor(message, place);
        }

        foreach (var field in ProtoFields.Read(message, place))
        {
            if (OnnxSchema.Of(kind, field.Number) is { Kind: { } inner } && HasExternal(field.Bytes))
            {
                pieces.Add(field.Number, Rewrite(inner, field.Bytes, place));
            }
            else
            {
                pieces.Add(field.Whole);
            }
        }

        return pieces;
    }

    private ProtoPieces RewriteTensor(ReadOnlyMemory<byte> message, OnnxPlace place)
    {
        var pieces = new ProtoPieces();
        foreach (var field in ProtoFields.Read(message, place).Where(field => field.Number is not (ExternalField or LocationField)))
        {
            pieces.Add(field.Whole);
        }

        var inner = new ProtoPieces();
        var part = external[TensorGuard.OffsetOf(message)];
        inner.Add(part.Bytes, target => part.File.Read(part.Offset, target));
        pieces.Add(RawField, inner);
        return pieces;
    }

    /// <summary>True where a tensor of another file lies in the message.</summary>
    private bool HasExternal(ReadOnlyMemory<byte> message)
    {
        var start = TensorGuard.OffsetOf(message);
        var found = Array.BinarySearch(offsets, start);
        var next = found >= 0 ? found : ~found;
        return message.Length > 0 && next < offsets.Length && offsets[next] < start + message.Length;
    }
}
