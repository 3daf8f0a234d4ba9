using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace Pipeline.Models.Weights.Mapping;

/// <summary>A file whose tensors lie in memory only as far as they are read, shared by all who open it.</summary>
/// <remarks>
/// <para>Reading a page of a mapped file that was cut is a bus error, which ends the process. Therefore a file is mapped only under a
/// <see cref="FileLease"/>: before anybody can write to it, every page that was given out becomes memory of this process, at the same address. Where no
/// lease is to be had, tensors are copied instead.</para>
/// <para>libtorch maps a file from its beginning, as elements of one type: a tensor that does not begin at a multiple of its element's size is copied.</para>
/// <para>A mapping is kept until the process ends or its file is about to change: it costs addresses, not memory.</para>
/// </remarks>
internal sealed class MappedFile
{
    private const long FewestFileBytes = 1 << 20; // below, a copy is as good
    private const long FewestBytes = 1 << 14;

    /// <summary>File systems of a local kernel, through which every writer goes. An overlay's layers can be written to from outside.</summary>
    private static readonly string[] FileSystems = ["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "tmpfs"];

    private static readonly ConcurrentDictionary<string, MappedFile> Open = [];
    private readonly Lock gate = new();
    private readonly SafeFileHandle file;
    private readonly long length;
    private readonly Dictionary<ScalarType, Tensor> elements = [];
    private readonly List<(nint Begin, nint Bytes)> given = [];
    private bool isLeased = true;

    private MappedFile(SafeFileHandle file, long length)
    {
        this.file = file;
        this.length = length;
    }

    /// <summary>The mapping of a file, or null where it cannot be held safely.</summary>
    /// <param name="opened">Open for reading; left to the caller.</param>
    /// <param name="length">Bytes of the file when its header was read.</param>
    public static MappedFile? Of(SafeFileHandle opened, long length)
    {
        if (length < FewestFileBytes || Identity(opened, length) is not { } identity)
        {
            return null;
        }

        if (!Open.TryGetValue(identity, out var mapped))
        {
            mapped = TryOpen(opened, length, identity);
            if (mapped is not null && !Open.TryAdd(identity, mapped))
            {
                return Open.GetValueOrDefault(identity, mapped);
            }
        }

        return mapped;
    }

    /// <summary>A tensor in the mapping, or null if it must be copied. It must not be written to: all who ask for it see one memory.</summary>
    /// <param name="type">As stored.</param>
    /// <param name="elementBytes">Of that type.</param>
    /// <param name="begin">First byte, counted from the beginning of the file.</param>
    /// <param name="shape">The caller has checked that it ends within the file.</param>
    public Tensor? View(ScalarType type, int elementBytes, long begin, long[] shape)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        if (begin % elementBytes != 0 || count * elementBytes < FewestBytes)
        {
            return null;
        }

        lock (gate)
        {
            if (!isLeased)
            {
                return null;
            }

            if (!elements.TryGetValue(type, out var all))
            {
                all = from_file(PathOf(file), shared: false, length / elementBytes, type).DetachFromDisposeScope();
                elements.Add(type, all);
            }

            using var flat = all.narrow(0, begin / elementBytes, count);
            given.Add(Pages(flat, count * elementBytes));
            return flat.view(shape);
        }
    }

    private static MappedFile? TryOpen(SafeFileHandle opened, long length, string identity)
    {
        var own = File.OpenHandle(PathOf(opened), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var mapped = new MappedFile(own, length);
        if (FileLease.TryTake(own, () => mapped.LetGo(identity)) && RandomAccess.GetLength(own) == length)
        {
            return mapped;
        }

        own.Dispose(); // and its lease with it
        return null;
    }

    /// <summary>Makes every page that was given out memory of the process, with what it holds now.</summary>
    private void LetGo(string identity)
    {
        Open.TryRemove(identity, out _);
        lock (gate)
        {
            isLeased = false;
            foreach (var (begin, bytes) in given)
            {
                var copy = LibC.Allocate(bytes);
                if (copy == -1)
                {
                    continue; // without memory the pages stay the file's: the writer may yet leave them alone
                }

                unsafe
                {
                    Buffer.MemoryCopy((void*)begin, (void*)copy, bytes, bytes);
                }

                LibC.MoveTo(copy, begin, bytes);
            }
        }
    }

    private static unsafe (nint Begin, nint Bytes) Pages(Tensor flat, long bytes)
    {
        using var first = flat.narrow(0, 0, 1);
        var page = Environment.SystemPageSize;
        fixed (byte* address = first.bytes)
        {
            var begin = (nint)address / page * page;
            var end = ((nint)address + (nint)bytes + page - 1) / page * page;
            return (begin, end - begin);
        }
    }

    /// <summary>What tells a file from every other while it is open: mount, number, length and time of its last change. Null where it may not be mapped.</summary>
    private static string? Identity(SafeFileHandle opened, long length)
    {
        if (!OperatingSystem.IsLinux() || !FileSystems.Contains(new DriveInfo(PathOf(opened)).DriveFormat))
        {
            return null;
        }

        var lines = File.ReadAllLines($"/proc/self/fdinfo/{Number(opened)}");
        var numbers = lines
            .Where(line => line.StartsWith("mnt_id:", StringComparison.Ordinal) || line.StartsWith("ino:", StringComparison.Ordinal))
            .ToArray();
        return numbers.Length == 2
            ? string.Create(CultureInfo.InvariantCulture, $"{numbers[0]} {numbers[1]} {length} {File.GetLastWriteTimeUtc(opened).Ticks}")
            : null; // before Linux 5.14
    }

    /// <summary>A path that leads to the open file, whatever has become of its name.</summary>
    private static string PathOf(SafeFileHandle opened) => $"/proc/self/fd/{Number(opened)}";

    private static string Number(SafeFileHandle opened) => opened.DangerousGetHandle().ToString(CultureInfo.InvariantCulture);
}
