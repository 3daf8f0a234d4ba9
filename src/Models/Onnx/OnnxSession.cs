using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Models.Onnx;

/// <summary>A session that all openers of one graph on one device share; it goes when the last of them does.</summary>
internal sealed class OnnxSession
{
    private static readonly Lock Turn = new();
    private static readonly Dictionary<Key, OnnxSession> Open = [];

    private readonly Key key;
    private int users;

    private OnnxSession(Key key, InferenceSession native, OnnxFile file, string device, string? notice)
    {
        this.key = key;
        Native = native;
        OperatorSet = file.OperatorSet;
        MixesRows = file.MixesRows;
        Device = device;
        Notice = notice;
        Inputs = Ports(native.InputNames, native.InputMetadata);
        Outputs = Ports(native.OutputNames, native.OutputMetadata);
    }

    public InferenceSession Native { get; }

    public long OperatorSet { get; }

    public bool MixesRows { get; }

    public string Device { get; }

    /// <summary>What is announced to each opener; null if there is nothing.</summary>
    public string? Notice { get; }

    public IReadOnlyList<OnnxPort> Inputs { get; }

    public IReadOnlyList<OnnxPort> Outputs { get; }

    /// <summary>The session of a graph, which is made if there is none yet; to be given back by <see cref="Release"/>.</summary>
    public static OnnxSession Take(string name, OnnxFile file, OnnxOptions options)
    {
        var wanted = new Key(Convert.ToHexString(SHA256.HashData(file.Bytes)), options.Device, options.Threads, options.WorkBytes);
        lock (Turn)
        {
            if (!Open.TryGetValue(wanted, out var session))
            {
                var (native, device, notice) = OnnxRuntimeSetup.Make(name, file.Bytes, options);
                session = new OnnxSession(wanted, native, file, device, notice);
                Open.Add(wanted, session);
            }

            session.users++;
            return session;
        }
    }

    public void Release()
    {
        lock (Turn)
        {
            users--;
            if (users == 0)
            {
                Open.Remove(key);
                Native.Dispose();
            }
        }
    }

    private static OnnxPort[] Ports(IReadOnlyList<string> names, IReadOnlyDictionary<string, NodeMetadata> metadata) =>
        [.. names.Select(name => Port(name, metadata[name]))];

    private static OnnxPort Port(string name, NodeMetadata metadata) =>
        metadata.IsTensor
            ? new OnnxPort(
                name,
                OnnxElements.Of(metadata.ElementDataType),
                [.. metadata.Dimensions.Select(size => (long)size)],
                metadata.SymbolicDimensions
            )
            : new OnnxPort(name, OnnxElement.Other, [], []);

    private sealed record Key(string Content, string Device, int Threads, long WorkBytes);
}
