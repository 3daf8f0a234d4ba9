using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Pipeline.Stages.Ingest;

/// <summary>Divides a source that has no splits of its own by declared shares: in every class and group alike, and equally in every run.</summary>
/// <remarks>
/// Each image has a key, a hash of the declared seed and its uri. Of every class and group, those with the least keys are the test split, those
/// with the next ones the validation split. A first pass finds the limits; no list of images is held but one key each during that pass.
/// Adding images moves few others between splits.
/// </remarks>
internal sealed class DeclaredSplits : ISourceListing
{
    private readonly ISourceListing inner;
    private readonly IngestOptions options;
    private readonly Dictionary<(int Label, string Group), (UInt128 Test, UInt128 Validation)> limits = [];

    public DeclaredSplits(ISourceListing inner, string path, IngestOptions options)
    {
        (this.inner, this.options) = (inner, options);
        var keys = new Dictionary<(int Label, string Group), List<UInt128>>();
        foreach (var entry in inner.Entries(static _ => { }))
        {
            if (entry.Split != SplitName.Train)
                throw new InputException(
                    $"The input {path} has splits of its own ('{entry.Uri}' is of {entry.Split}), and ingest.validationShare or ingest.testShare declares others; one of both must be. Leave the shares out."
                );
            if (!keys.TryGetValue((entry.Label, entry.Group), out var ofClass))
                keys.Add((entry.Label, entry.Group), ofClass = []);
            ofClass.Add(Key(entry));
        }

        foreach (var (stratum, ofClass) in keys)
        {
            ofClass.Sort();
            var test = (int)Math.Round(ofClass.Count * options.TestShare, MidpointRounding.AwayFromZero);
            var validation = Math.Min(
                (int)Math.Round(ofClass.Count * options.ValidationShare, MidpointRounding.AwayFromZero),
                ofClass.Count - test
            );
            limits[stratum] = (Limit(ofClass, test), Limit(ofClass, test + validation));
        }
    }

    public string Root => inner.Root;

    public string Format => inner.Format;

    public IReadOnlyList<string> ClassNames => inner.ClassNames;

    public int Concurrency => inner.Concurrency;

    public bool HasAddresses => inner.HasAddresses;

    public IReadOnlyList<ListedFile>? Containers => inner.Containers;

    public IEnumerable<SourceEntry> Entries(Action<long> ignored)
    {
        foreach (var entry in inner.Entries(ignored))
        {
            if (!limits.TryGetValue((entry.Label, entry.Group), out var limit))
                throw new InputException(
                    $"'{entry.Uri}' is of a class or group that was not there a moment ago; the input must not change while it is divided. Start the run again."
                );
            var key = Key(entry);
            yield return key < limit.Test ? entry with { Split = "test" }
            : key < limit.Validation ? entry with { Split = SplitName.Validation }
            : entry;
        }
    }

    public void Dispose() => inner.Dispose();

    private static UInt128 Limit(List<UInt128> sorted, int count) => count < sorted.Count ? sorted[count] : UInt128.MaxValue;

    private UInt128 Key(SourceEntry entry)
    {
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(entry.Uri)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, options.SplitSeed);
        Encoding.UTF8.GetBytes(entry.Uri, bytes.AsSpan(8));
        return XxHash128.HashToUInt128(bytes);
    }
}
