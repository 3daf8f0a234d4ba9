using System.IO.Hashing;
using Pipeline.Models;

namespace Pipeline.Stages.Tests.Seeing;

/// <summary>Flags images by a hash of their bytes: so many of <c>of</c>, and every one of them where both are equal.</summary>
internal sealed class FakeChecker(int flagged, int of) : ISafetyChecker
{
    public int CallSize { get; set; } = 8;

    public float[] Prepare(byte[] image) => [XxHash64.HashToUInt64(image) % (ulong)of];

    public IReadOnlyList<SafetyVerdict> Check(IReadOnlyList<float[]> pixels, CancellationToken stop) =>
        [.. pixels.Select(value => value[0] < flagged ? new SafetyVerdict(true, 0.9f, "Porn") : new SafetyVerdict(false, 0.1f, ""))];

    public void Dispose() { }
}
